#include "transaction/entry_feed.h"

#include <pthread.h>

#include <boost/asio/redirect_error.hpp>
#include <limits>

#include "core/time.h"
#include "queries.h"
#include "telemetry/log.h"

namespace instapay::transaction {
namespace {

// How soon the thread notices that it is to stop, and what happens to requests.
constexpr int kListenSlice_ms = 200;
// Finds no event: only how far the log can be read.
constexpr std::int64_t kNoTransactionYet = std::numeric_limits<std::int64_t>::max();

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
    requests_read_.reset();
    wake(ledger::Notification::everybody(), true);  // what came while nobody listened
    std::int64_t look_again_us = 0;
    while (!stop.stop_requested()) {
      const auto payloads = connection->wait_notifications(kListenSlice_ms);
      if (!payloads) break;
      for (const std::string& payload : *payloads)
        wake(ledger::Notification::parse(payload), false);
      // Notifications may end the wait much more often.
      if (const std::int64_t now = monotonic_us(); now >= look_again_us) {
        look_again_us = now + kListenSlice_ms * 1'000;
        if (!look_for_requests(*connection)) break;
      }
    }
  }
}

bool EntryFeed::look_for_requests(pg::Connection& connection) {
  if (streams_->open == 0) {
    requests_read_.reset();
    return true;
  }
  if (!connection.query(queries::transaction::tell_expired_requests)) return !connection.broken();
  const bool followed = requests_read_.has_value();
  const auto news = connection.query(queries::transaction::request_news,
                                     pg::Params().add(requests_read_.value_or(kNoTransactionYet)));
  if (!news) return !connection.broken();
  requests_read_ = news->int64(0, 0);
  ledger::Notification notification;
  notification.all = !followed;  // what happened until now is each stream's own to find
  for (int i = 0; followed && i < news->size(); ++i)
    if (!news->is_null(i, 1)) notification.tags.push_back(ledger::tag_of(news->uuid(i, 1)));
  if (!notification.empty()) wake(notification, true);
  return true;
}

void EntryFeed::wake(const ledger::Notification& notification, bool requests) {
  if (streams_->open == 0) return;
  for (std::size_t i = 0; i < streams_->lanes.size(); ++i)
    asio::post(threads_.at(i), [&lane = streams_->lanes[i], notification, requests] {
      const auto cancel_wait = [requests](Subscription& subscription) {
        subscription.woken_ = true;
        subscription.requests_ = subscription.requests_ || requests;
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
