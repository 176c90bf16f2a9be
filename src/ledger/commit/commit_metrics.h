#pragma once
#include "telemetry/metrics.h"

namespace instapay::ledger {

/// Counted once for all committers of the process.
struct CommitMetrics {
  prometheus::Histogram& batch_size =
      metrics::histogram("instapay_ledger_batch_transfers", "Transfers in a committed batch",
                         {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000});
  prometheus::Histogram& commit_time = metrics::histogram(
      "instapay_ledger_commit_duration_seconds", "Time of one batch from its start to its commit",
      metrics::latency_buckets_s());
  prometheus::Counter& transfers =
      metrics::counter("instapay_ledger_transfers_total", "Transfers committed");
  prometheus::Counter& conflicts = metrics::counter(
      "instapay_ledger_conflicts_total", "Batches begun again because another writer was first");
  prometheus::Counter& ahead = metrics::counter("instapay_ledger_planned_ahead_total",
                                                "Batches planned on others that were in flight");
  prometheus::Counter& ahead_dropped =
      metrics::counter("instapay_ledger_planned_ahead_dropped_total",
                       "Of these, those planned again: not all of the others committed as planned, "
                       "or somebody's time was up");
  prometheus::Counter& unknown =
      metrics::counter("instapay_ledger_unknown_outcomes_total", "Commits whose answer was lost");
  prometheus::Counter& resolved = metrics::counter(
      "instapay_ledger_unknown_outcomes_resolved_total", "Of these, those settled by the fence");
  prometheus::Counter& went_back = metrics::counter(
      "instapay_ledger_database_went_back_total",
      "Times that the database no longer had what this process had committed to it");
  prometheus::Gauge& clock_offset = metrics::gauge(
      "instapay_ledger_clock_offset_seconds", "The database's clock less ours, when last compared");
};

inline CommitMetrics& commit_metrics() {
  static CommitMetrics instance;
  return instance;
}

}  // namespace instapay::ledger
