#include "pg/statement_metrics.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <string>

#include "telemetry/metrics.h"

namespace instapay::pg {
namespace {

struct Series {
  prometheus::Histogram* duration = nullptr;
  prometheus::Counter* failures = nullptr;
};

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>()(name);
  }
};

Series make_series(std::string_view name) {
  // Coarse on purpose: a hundred statements have these buckets each.
  static const prometheus::Histogram::BucketBoundaries kBuckets_s{0.001, 0.005, 0.025,
                                                                  0.1,   0.5,   2.5};
  const metrics::Labels labels{{"statement", std::string(name)}};
  return {
      &metrics::histogram("instapay_db_statement_duration_seconds",
                          "From sending a statement, or the answer before it in one round trip, "
                          "to its answer",
                          kBuckets_s, labels),
      &metrics::counter("instapay_db_statement_failures_total",
                        "Statements that the server refused", labels)};
}

}  // namespace

void observe_statement(std::string_view name, std::int64_t took_us, bool failed) {
  // The registry's lock is taken once for each thread and statement.
  static thread_local boost::unordered_flat_map<std::string, Series, NameHash, std::equal_to<>>
      known;
  auto at = known.find(name);
  if (at == known.end()) at = known.emplace(name, make_series(name)).first;
  at->second.duration->Observe(static_cast<double>(took_us) / 1e6);
  if (failed) at->second.failures->Increment();
}

}  // namespace instapay::pg
