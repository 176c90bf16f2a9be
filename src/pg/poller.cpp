#include "pg/poller.h"

#include <pthread.h>

#include <condition_variable>
#include <mutex>

#include "telemetry/log.h"

namespace instapay::pg {
namespace {

constexpr auto kIdle = std::chrono::milliseconds(250);
constexpr auto kAfterFailure = std::chrono::seconds(1);

}  // namespace

Poller::Poller(ConnectOptions database, Names names, Step step)
    : database_(std::move(database)), names_(names), step_(std::move(step)) {
  database_.application_name = names_.application;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Poller::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), names_.thread);
  std::mutex mutex;
  std::condition_variable_any stopped;
  while (!stop.stop_requested() && !database_.stop.stop_requested()) {
    const auto done = tick();
    if (done && *done) continue;
    // Without the table there is nothing to do yet: migrations are under way.
    if (!done && !done.error().is("42P01") && !database_.stop.stop_requested())
      log::warn(names_.complaint, {{"error.message", done.error().message}});
    if (!done && (!db_ || db_->broken())) db_.reset();
    std::unique_lock lock(mutex);
    stopped.wait_for(lock, stop, done ? kIdle : kAfterFailure, [] { return false; });
  }
}

Result<bool> Poller::tick() {
  if (!db_) {
    auto opened = Connection::open(database_);
    if (!opened) return std::unexpected(opened.error());
    db_ = std::move(*opened);
  }
  return step_(*db_);
}

}  // namespace instapay::pg
