#pragma once
// How late the work is that is due, as a metric. On one thread only.
#include <cstdint>
#include <optional>

#include "core/time.h"
#include "telemetry/metrics.h"

namespace instapay::transaction {

class DueLag {
 public:
  explicit DueLag(prometheus::Gauge& gauge) : gauge_(gauge) {}

  /// As the database says; nullopt: it could not be asked, and what was late is later now.
  void publish(std::optional<std::int64_t> ms) {
    if (ms) {
      ms_ = *ms;
      known_at_us_ = monotonic_us();
    }
    const std::int64_t now_ms = ms_ + (monotonic_us() - known_at_us_) / 1000;
    gauge_.Set(static_cast<double>(now_ms) / 1e3);
  }

 private:
  prometheus::Gauge& gauge_;
  std::int64_t ms_ = 0, known_at_us_ = monotonic_us();
};

}  // namespace instapay::transaction
