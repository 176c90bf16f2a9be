#pragma once
// Latencies in microseconds, log-linear: every bucket is at most 1/64 of its value wide.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace bench {

class Histogram {
 public:
  void record(std::uint64_t value_us) {
    ++counts_[index_of(std::min(value_us, kMax_us))];
    ++count_;
    max_us_ = std::max(max_us_, value_us);
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t max_us() const { return max_us_; }

  /// The upper edge of the bucket that holds this share (0..1) of the values; 0 when empty.
  std::uint64_t quantile_us(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_) + 0.5);
    std::uint64_t seen = 0;
    for (std::size_t index = 0; index < counts_.size(); ++index) {
      seen += counts_[index];
      if (seen != 0 && seen >= wanted) return std::min(upper_edge_of(index), max_us_);
    }
    return max_us_;
  }

 private:
  static constexpr std::size_t kSubBuckets = 64;
  static constexpr std::uint64_t kMax_us = 1ULL << 36;

  static std::size_t shift_of(std::uint64_t value) {
    const auto width = static_cast<std::size_t>(std::bit_width(value));
    return width > 7 ? width - 7 : 0;
  }
  static std::size_t index_of(std::uint64_t value) {
    const std::size_t shift = shift_of(value);
    return shift * kSubBuckets + static_cast<std::size_t>(value >> shift);
  }
  static std::uint64_t upper_edge_of(std::size_t index) {
    if (index < 2 * kSubBuckets) return index;
    const std::size_t shift = index / kSubBuckets - 1;
    return ((index - shift * kSubBuckets + 1) << shift) - 1;
  }

  std::array<std::uint64_t, 32 * kSubBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_us_ = 0;
};

}  // namespace bench
