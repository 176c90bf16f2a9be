#pragma once
// Reads numbers out of Prometheus' text format, in whole millionths: pure. Of several processes it
// gives the sum: counters, gauges and the buckets of histograms are added up.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace instapay::reporting {

class Exposition {
 public:
  explicit Exposition(std::string text) { texts_.push_back(std::move(text)); }
  /// One text for each process.
  explicit Exposition(std::vector<std::string> texts) : texts_(std::move(texts)) {}

  /// The value of a metric without labels, in millionths. nullopt: no process has it.
  std::optional<std::int64_t> millionths(std::string_view name) const;
  /// The same, whole; what is behind the point is dropped.
  std::optional<std::int64_t> whole(std::string_view name) const;
  /// A histogram's quantile ("percent" of 100) in millionths of its unit, interpolated within its
  /// bucket; nullopt when nothing was observed.
  std::optional<std::int64_t> quantile(std::string_view histogram, int percent) const;

 private:
  std::vector<std::string> texts_;
};

/// "12", "0.0025", "1.5e+06" in millionths; nullopt for anything else, NaN and +Inf among it.
std::optional<std::int64_t> parse_millionths(std::string_view text);

}  // namespace instapay::reporting
