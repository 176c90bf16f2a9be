#include "reporting/roll_up/worker.h"

#include <pthread.h>

#include "core/time.h"
#include "queries.h"
#include "reporting/roll_up/fold.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::reporting {
namespace {

// What comes in between is read live: a few thousand entries where payments are many.
constexpr auto kPeriod = std::chrono::seconds(2);
// A bite of a chain whose batches are far apart may read entries of a long time.
constexpr int kFoldTimeout_ms = 60'000;
constexpr std::int64_t kComplainEvery_us = 60 * kSecond_us;

void publish_lag(std::int64_t ms) {
  static auto& lag = metrics::gauge(
      "instapay_reports_lag_seconds",
      "For how long the oldest batch that is not in the reports' roll-ups has waited");
  lag.Set(static_cast<double>(ms) / 1e3);
}

}  // namespace

Worker::Worker(pg::ConnectOptions primary) : database_(std::move(primary)) {
  database_.application_name = "instapay reporting fold";
  database_.statement_timeout_ms = kFoldTimeout_ms;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Worker::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "fold");
  while (!stop.stop_requested()) {
    if (auto done = catch_up(stop); !done) {
      complain(done.error());
      connection_.reset();
      publish_lag(lag_ms_ + (monotonic_us() - known_at_us_) / 1000);
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, kPeriod, [] { return false; });
  }
}

pg::Result<void> Worker::catch_up(const std::stop_token& stop) {
  if (!connection_) {
    auto opened = pg::Connection::open(database_);
    if (!opened) return std::unexpected(opened.error());
    connection_.emplace(std::move(*opened));
  }
  static auto& folded = metrics::counter("instapay_reports_folded_transfers_total",
                                         "Transfers added to the reports' roll-ups");
  while (!stop.stop_requested()) {
    // Also while somebody else folds, so that every service tells the same.
    if (auto published = publish(); !published) return published;
    const auto done = fold(*connection_);
    if (!done) return std::unexpected(done.error());
    folded.Increment(static_cast<double>(done->transfers));
    if (!done->problem.empty() && done->problem != problem_)
      log::error("cannot fold a chain into the reports", {{"error.message", done->problem}});
    problem_ = done->problem;
    if (done->transfers == 0) return {};
    if (done->transfers < kFoldTransfersMax / 2) return publish();
  }
  return {};
}

pg::Result<void> Worker::publish() {
  const auto rows = connection_->query(queries::reporting::fold_lag);
  if (!rows) return std::unexpected(rows.error());
  lag_ms_ = rows->int64(0, 0);
  known_at_us_ = monotonic_us();
  publish_lag(lag_ms_);
  return {};
}

void Worker::complain(const pg::Failure& failure) {
  // The tables come with a migration that is under way, or the process ends.
  if (failure.is("42P01") || database_.stop.stop_requested()) return;
  if (monotonic_us() < complain_at_us_) return;
  complain_at_us_ = monotonic_us() + kComplainEvery_us;
  log::warn("cannot fold into the reports", {{"error.message", failure.message}});
}

}  // namespace instapay::reporting
