#include "transaction/entry_feed.h"

#include <pthread.h>

#include <boost/asio/redirect_error.hpp>

#include "telemetry/log.h"

namespace instapay::transaction {
namespace {

constexpr int kListenSlice_ms = 200;  // how soon the thread notices that it is to stop

}  // namespace

EntryFeed::Subscription::Subscription(EntryFeed& feed, const Uuid& account)
    : streams_(feed.streams_),
      lane_(IoThreads::current()),
      timer_(feed.threads_.at(lane_).get_executor()) {
  place_ = streams_->lanes[lane_].emplace(ledger::tag_of(account), this);
  ++streams_->open;
}

EntryFeed::Subscription::~Subscription() {
  streams_->lanes[lane_].erase(place_);
  --streams_->open;
}

Task<void> EntryFeed::Subscription::wait(std::chrono::milliseconds timeout) {
  if (!woken_) {
    boost::system::error_code cancelled;
    timer_.expires_after(timeout);
    co_await timer_.async_wait(asio::redirect_error(kUseTask, cancelled));
  }
  woken_ = false;
}

EntryFeed::EntryFeed(IoThreads& threads, pg::ConnectOptions options)
    : threads_(threads),
      options_(std::move(options)),
      streams_(std::make_shared<Streams>(std::vector<Lane>(threads.size()))) {
  listener_ = std::jthread([this](const std::stop_token& stop) { listen(stop); });
}

EntryFeed::~EntryFeed() = default;

void EntryFeed::listen(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "entry feed");
  while (!stop.stop_requested()) {
    auto connection = pg::Connection::open(options_);
    if (!connection || !connection->exec(ledger::kListen)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kListenSlice_ms));
      continue;
    }
    wake(ledger::Notification::everybody());  // what came while nobody listened
    while (!stop.stop_requested()) {
      const auto payloads = connection->wait_notifications(kListenSlice_ms);
      if (!payloads) break;
      for (const std::string& payload : *payloads) wake(ledger::Notification::parse(payload));
    }
  }
}

void EntryFeed::wake(const ledger::Notification& notification) {
  if (streams_->open == 0) return;
  for (std::size_t i = 0; i < streams_->lanes.size(); ++i)
    asio::post(threads_.at(i), [&lane = streams_->lanes[i], notification] {
      const auto cancel_wait = [](Subscription& subscription) {
        subscription.woken_ = true;
        subscription.timer_.cancel();
      };
      if (notification.all)
        for (auto& [tag, subscription] : lane) cancel_wait(*subscription);
      for (const ledger::AccountTag tag : notification.tags) {
        const auto [first, last] = lane.equal_range(tag);
        for (auto at = first; at != last; ++at) cancel_wait(*at->second);
      }
    });
}

}  // namespace instapay::transaction
