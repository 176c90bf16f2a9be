#include "app/storage_watch.h"

#include <pthread.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>

#include "queries/operations.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::app {
namespace {

constexpr auto kPeriod = std::chrono::seconds(1);
constexpr int kStatementTimeoutHere_ms = 2'000;

}  // namespace

StorageWatch::StorageWatch(StorageLimits limits, pg::ConnectOptions database, ledger::Room& room)
    : limits_(std::move(limits)), database_(std::move(database)), room_(room) {
  database_.application_name = "instapay storage watch";
  database_.statement_timeout_ms = kStatementTimeoutHere_ms;
  database_.server = pg::Server::primary;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void StorageWatch::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "storage-watch");
  metrics::gauge("instapay_storage_free_min_bytes",
                 "With less free than that, payments are refused; STORAGE_FREE_MIN_BYTES")
      .Set(static_cast<double>(limits_.free_min_bytes));
  auto& refusing = metrics::gauge("instapay_storage_low",
                                  "1 while payments are refused for lack of space, else 0");
  // The watch may be gone by the last scrape; the ledger outlives the servers' threads.
  metrics::before_scrape([&room = room_, &refusing] { refusing.Set(room.low() ? 1 : 0); });
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    if (const auto free = free_bytes()) judge(*free);
    wake.wait_for(lock, stop, kPeriod, [] { return false; });
  }
}

void StorageWatch::judge(std::int64_t free_bytes) {
  metrics::gauge("instapay_storage_free_bytes", "What the database's volume has left")
      .Set(static_cast<double>(free_bytes));
  const bool low = free_bytes < limits_.free_min_bytes;
  room_.measured(low);
  if (std::exchange(low_, low) == low) return;
  if (low) {
    log::error("the database has too little space left: payments are refused",
               {{"instapay.storage.free_bytes", free_bytes},
                {"instapay.storage.free_min_bytes", limits_.free_min_bytes}});
  } else {
    log::info("the database has space again: payments go on",
              {{"instapay.storage.free_bytes", free_bytes}});
  }
}

std::optional<std::int64_t> StorageWatch::free_bytes() {
  std::optional<std::int64_t> least;
  const auto take = [&](std::optional<std::int64_t> bytes) {
    if (bytes) least = std::min(*bytes, least.value_or(*bytes));
  };
  struct statvfs space{};
  if (!limits_.path.empty()) {
    if (statvfs(limits_.path.c_str(), &space) == 0) {
      // What is kept for the superuser is not PostgreSQL's.
      take(static_cast<std::int64_t>(space.f_bavail) * static_cast<std::int64_t>(space.f_frsize));
      complained_ = false;
    } else if (!std::exchange(complained_, true)) {
      log::warn("cannot measure the space that is left",
                {{"file.path", limits_.path}, {"error.message", std::strerror(errno)}});
    }
  }
  if (limits_.max_bytes > 0) take(free_of_volume());
  return least;
}

std::optional<std::int64_t> StorageWatch::free_of_volume() {
  if (!connection_ || connection_->broken()) {
    connection_.reset();
    auto opened = pg::Connection::open(database_);
    if (!opened) return std::nullopt;
    connection_.emplace(std::move(*opened));
  }
  const auto used = connection_->query(queries::operations::storage_used);
  if (!used) {
    log::warn("cannot measure the database", {{"error.message", used.error().message}});
    connection_.reset();
    return std::nullopt;
  }
  return std::max<std::int64_t>(limits_.max_bytes - used->front().bytes, 0);
}

}  // namespace instapay::app
