#include "ledger/commit/notifier.h"

#include <pthread.h>

#include "queries/ledger.h"
#include "telemetry/log.h"

namespace instapay::ledger {
namespace {

constexpr auto kNotifyGap = std::chrono::milliseconds(20);  // nobody sees it on a screen
constexpr auto kRetry = std::chrono::milliseconds(500);

}  // namespace

Notifier::Notifier(pg::ConnectOptions options) : options_(std::move(options)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Notifier::tell(std::span<const Account> changed) {
  {
    const std::lock_guard lock(mutex_);
    news_.add(changed);
  }
  told_.notify_one();
}

void Notifier::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "notifier");
  std::optional<pg::Connection> connection;
  bool failing = false;
  const auto rest = [&](auto time) {
    std::unique_lock lock(mutex_);
    told_.wait_for(lock, stop, time, [] { return false; });
  };
  while (!stop.stop_requested()) {
    std::string payload;
    {
      std::unique_lock lock(mutex_);
      if (!told_.wait(lock, stop, [this] { return !news_.empty(); })) return;
      payload = std::exchange(news_, {}).to_payload();
    }
    if (!connection)
      if (auto opened = pg::Connection::open(options_)) connection.emplace(std::move(*opened));
    if (connection &&
        connection->query(queries::ledger::notify_entries, pg::Params().add(payload))) {
      rest(kNotifyGap);
      failing = false;
    } else {
      if (!std::exchange(failing, true))
        log::warn("open streams cannot be told of new entries; they look once a second", {});
      connection.reset();
      rest(kRetry);
    }
  }
}

}  // namespace instapay::ledger
