#pragma once
// How many amounts of which size: mergeable, and good for percentiles. Sizes are told apart by
// their first seven binary digits. Of each bin the smallest amount is kept, so that a percentile is
// an amount that occurred: at most 1/64 below the exact one, never above it, and below 128 minor
// units the exact one itself.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace instapay::reporting {

class AmountHistogram {
 public:
  /// Of 1 to kAmountMax_minor.
  void add(std::int64_t amount_minor);
  void merge(const AmountHistogram& other);
  /// What encode() gave; false when it is not of that form.
  [[nodiscard]] bool merge(std::span<const std::uint8_t> encoded);
  /// The same bytes for the same amounts, in whatever order they came.
  std::string encode() const;

  std::int64_t count() const { return count_; }
  /// The smallest amount that so many percent of all do not exceed, within the error above.
  std::optional<std::int64_t> percentile(int percent) const;

 private:
  struct Bin {
    std::int64_t count = 0, least = 0;
  };
  void add(std::size_t bin, std::int64_t count, std::int64_t least);

  std::vector<Bin> bins_;
  std::size_t first_ = 0;  // no bin before it has any
  std::int64_t count_ = 0;
};

}  // namespace instapay::reporting
