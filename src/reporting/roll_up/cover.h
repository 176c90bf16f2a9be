#pragma once
// Which buckets, and which stretches of time beside them, make up the periods of a report.
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace instapay::reporting {

/// How long buckets are: each length is a multiple of the one before, and all begin at its
/// multiples since 1970. A quarter of an hour, because time zones differ by that.
inline constexpr std::array<std::int32_t, 5> kBucketMinutes = {15, 60, 240, 1'440, 46'080};
inline constexpr std::int64_t kMinute_us = 60'000'000;

/// Stretches that are read from the entries; with more of them all is.
inline constexpr std::size_t kEdgesMax = 64;

/// The last multiple of `unit_us` that is not after `at_us`.
std::int64_t floor_to(std::int64_t at_us, std::int64_t unit_us);

/// Buckets of one length, one after the other.
struct BucketRun {
  std::int32_t minutes = 0;
  std::int64_t begins_us = 0, ends_us = 0;
  bool operator==(const BucketRun&) const = default;
};

struct Stretch {
  std::int64_t begins_us = 0, ends_us = 0;
  bool operator==(const Stretch&) const = default;
};

struct Cover {
  std::vector<BucketRun> runs;
  std::vector<Stretch> edges;  // shorter than the shortest bucket, but where that were too many
};

/// Covers the time from the first of `cuts` to the last, each moment once, so that no bucket lies
/// across a cut: with few and long buckets. `cuts` are in order.
Cover cover(std::span<const std::int64_t> cuts);

}  // namespace instapay::reporting
