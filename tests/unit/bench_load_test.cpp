// The load generator's own arithmetic: figures that are wrong would mislead everything else.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "../../benchmarks/load/histogram.h"
#include "../../benchmarks/load/random.h"

namespace bench {
namespace {

TEST(Histogram, QuantilesAreWithinTheBucketWidthOfTheExactOnes) {
  Random random(1);
  Histogram histogram;
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 100'000; ++i) {
    values.push_back(random.bits() >> (28 + random.below(36)));
    histogram.record(values.back());
  }
  std::ranges::sort(values);
  for (const double share : {0.01, 0.5, 0.95, 0.99, 0.999}) {
    const std::uint64_t exact = values[static_cast<std::size_t>(share * 100'000) - 1];
    const std::uint64_t got = histogram.quantile_us(share);
    EXPECT_GE(got, exact) << share;
    EXPECT_LE(got, exact + exact / 64 + 1) << share;
  }
  EXPECT_EQ(histogram.quantile_us(1.0), values.back());
  EXPECT_EQ(histogram.max_us(), values.back());
}

TEST(Histogram, EmptyIsZero) { EXPECT_EQ(Histogram().quantile_us(0.99), 0U); }

TEST(Histogram, OneValueIsEveryQuantile) {
  Histogram histogram;
  histogram.record(777);
  EXPECT_EQ(histogram.quantile_us(0.0), 777U);
  EXPECT_EQ(histogram.quantile_us(0.999), 777U);
}

TEST(Zipf, RanksComeAsOftenAsTheirWeights) {
  constexpr std::size_t kRanks = 1000;
  constexpr int kDraws = 1'000'000;
  Random random(7);
  const Zipf zipf(kRanks, 1.0);
  std::vector<int> seen(kRanks);
  for (int i = 0; i < kDraws; ++i) ++seen[zipf.draw(random)];
  double harmonic = 0;
  for (std::size_t i = 1; i <= kRanks; ++i) harmonic += 1.0 / static_cast<double>(i);
  for (const std::size_t rank : {0UL, 1UL, 9UL, 99UL}) {
    const double expected = kDraws / harmonic / static_cast<double>(rank + 1);
    EXPECT_NEAR(seen[rank], expected, expected * 0.05 + 60) << rank;
  }
}

TEST(Random, BelowCoversTheRangeEvenly) {
  Random random(3);
  std::vector<int> seen(10);
  for (int i = 0; i < 100'000; ++i) ++seen[random.below(10)];
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
}

}  // namespace
}  // namespace bench
