#include "app/ledger_watch.h"

#include "core/time.h"
#include "queries/operations.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::app {
namespace {

constexpr std::int64_t kWatchEvery_us = 30 * kSecond_us;
// The sum reads the last entry of every account: seconds for each million.
constexpr std::int64_t kSumEvery_us = 600 * kSecond_us;
constexpr int kWatchTimeout_ms = 20'000;

}  // namespace

LedgerWatch::LedgerWatch(pg::ConnectOptions database) : database_(std::move(database)) {
  database_.application_name = "instapay ledger watch";
  database_.statement_timeout_ms = kWatchTimeout_ms;
}

void LedgerWatch::tick() {
  if (database_.url.empty() || monotonic_us() < due_us_) return;
  due_us_ = monotonic_us() + kWatchEvery_us;
  // Without the table there is nothing to watch yet: migrations are under way.
  if (auto done = publish(); !done && !done.error().is("42P01") && !database_.stop.stop_requested())
    log::warn("cannot watch the ledger", {{"error.message", done.error().message}});
}

pg::Result<void> LedgerWatch::publish() {
  auto connection = pg::Connection::open(database_);
  if (!connection) return std::unexpected(connection.error());
  if (monotonic_us() >= sum_due_us_) {
    // Also when it takes too long: then the old sum stands, and the rest is published all the same.
    sum_due_us_ = monotonic_us() + kSumEvery_us;
    const auto sum = connection->query(queries::operations::balance_sum);
    if (!sum) log::warn("cannot sum all balances", {{"error.message", sum.error().message}});
    if (sum)
      metrics::gauge("instapay_ledger_balance_sum_minor",
                     "All balances together, in minor units: anything but 0 is an emergency")
          .Set(static_cast<double>(sum->front().minor));
  }
  const auto circulation = connection->query(queries::operations::circulation);
  if (!circulation) return std::unexpected(circulation.error());
  metrics::gauge("instapay_ledger_circulation_minor", "What all wallets hold, in minor units")
      .Set(static_cast<double>(circulation->front().minor));
  metrics::gauge("instapay_ledger_wallets", "Wallets")
      .Set(static_cast<double>(circulation->front().wallets));
  metrics::gauge("instapay_ledger_watched_timestamp_seconds", "When the sums were last taken")
      .Set(static_cast<double>(now_us()) / 1e6);
  const auto age = connection->query(queries::operations::transaction_id_age);
  if (!age) return std::unexpected(age.error());
  metrics::gauge("instapay_db_transaction_id_age",
                 "Transactions since the oldest row that is not frozen, of 2^31")
      .Set(static_cast<double>(age->front().age));
  const auto jobs = connection->query(queries::operations::job_runs);
  if (!jobs) return std::unexpected(jobs.error());
  for (const auto& run : *jobs) {
    const metrics::Labels labels{{"job_name", std::string(run.job)}};
    metrics::gauge("instapay_job_last_success_timestamp_seconds",
                   "When a job of the operators last succeeded", labels)
        .Set(static_cast<double>(run.succeeded_at_s));
    metrics::gauge("instapay_job_last_duration_seconds", "How long it took then", labels)
        .Set(static_cast<double>(run.duration_ms) / 1e3);
  }
  return {};
}

}  // namespace instapay::app
