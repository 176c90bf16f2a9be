#include "reporting/follower_worker.h"

#include <pthread.h>

#include "queries.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::reporting {
namespace {

// What comes in between is read live: a few thousand entries where payments are many.
constexpr auto kPeriod = std::chrono::seconds(2);
constexpr std::int64_t kComplainEvery_us = 60 * kSecond_us;

}  // namespace

FollowerWorker::FollowerWorker(const Follower& follower, pg::ConnectOptions primary)
    : follower_(follower), database_(std::move(primary)) {
  database_.application_name = follower_.application;
  database_.statement_timeout_ms = kFollowTimeout_ms;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void FollowerWorker::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), follower_.name);
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

pg::Result<void> FollowerWorker::catch_up(const std::stop_token& stop) {
  if (!connection_) {
    auto opened = pg::Connection::open(database_);
    if (!opened) return std::unexpected(opened.error());
    connection_.emplace(std::move(*opened));
  }
  while (!stop.stop_requested()) {
    if (auto summarized = summarize(); !summarized) return summarized;
    // Also while somebody else follows, so that every service tells the same.
    if (auto published = publish(); !published) return published;
    const auto done = follow(*connection_, follower_);
    if (!done) return std::unexpected(done.error());
    note(*done);
    if (!done->is_more) return done->batches > 0 ? publish() : pg::Result<void>();
  }
  return {};
}

pg::Result<void> FollowerWorker::summarize() {
  const auto rows = connection_->query(queries::reporting::summarize_entries,
                                       pg::Params().add(summarized_blocks_));
  if (!rows) return std::unexpected(rows.error());
  summarized_blocks_ = rows->front().filled;
  return {};
}

void FollowerWorker::note(const Followed& done) {
  metrics::counter(follower_.transfers_metric, follower_.transfers_help)
      .Increment(static_cast<double>(done.transfers));
  if (done.outcome == Followed::Outcome::began_anew)
    log::warn("a follower of the chains was ahead of them, and begins anew",
              {{"follower", follower_.name}});
  if (!done.problem.empty() && done.problem != problem_)
    log::error("a chain cannot be followed",
               {{"follower", follower_.name}, {"error.message", done.problem}});
  problem_ = done.problem;
}

pg::Result<void> FollowerWorker::publish() {
  const auto rows =
      connection_->query(queries::reporting::follow_lag, pg::Params().add(follower_.number));
  if (!rows) return std::unexpected(rows.error());
  lag_ms_ = rows->front().lag_ms;
  known_at_us_ = monotonic_us();
  publish_lag(lag_ms_);
  return {};
}

void FollowerWorker::publish_lag(std::int64_t ms) const {
  metrics::gauge(follower_.lag_metric, follower_.lag_help).Set(static_cast<double>(ms) / 1e3);
}

void FollowerWorker::complain(const pg::Failure& failure) {
  // The tables come with a migration that is under way, or the process ends.
  if (failure.is("42P01") || database_.stop.stop_requested()) return;
  if (monotonic_us() < complain_at_us_) return;
  complain_at_us_ = monotonic_us() + kComplainEvery_us;
  log::warn("cannot follow the chains",
            {{"follower", follower_.name}, {"error.message", failure.message}});
}

}  // namespace instapay::reporting
