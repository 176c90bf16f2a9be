// How a sum is divided among people.
#include "transaction/split_amounts.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/limits.h"

namespace instapay::transaction {
namespace {

using Amounts = std::vector<std::int64_t>;

Portion of(std::uint8_t person, std::int32_t shares = 1) {
  return {Uuid::reserved(person), false, shares};
}
Portion own(std::int32_t shares = 1) { return {Uuid::reserved(9), true, shares}; }

Amounts split(std::int64_t total, const std::vector<Portion>& portions) {
  return amounts_of(total, portions);
}

TEST(SplitAmounts, WhatIsLeftGoesToTheSmallestIds) {
  EXPECT_EQ(split(10'000, {of(3), of(1), of(2)}), (Amounts{3333, 3334, 3333}));
  EXPECT_EQ(split(10'001, {of(3), of(1), of(2)}), (Amounts{3333, 3334, 3334}));
  EXPECT_EQ(split(9'999, {of(3), of(1), of(2)}), (Amounts{3333, 3333, 3333}));
}

TEST(SplitAmounts, WhoSplitsIsFirstAmongEquals) {
  EXPECT_EQ(split(100, {own(), of(1), of(2)}), (Amounts{34, 33, 33}));
  EXPECT_EQ(split(101, {of(1), own(), of(2)}), (Amounts{34, 34, 33}));
}

TEST(SplitAmounts, TheLargestRemainderIsFirstWhateverTheIds) {
  // Exact: 16.6…, 33.3…, 50.
  EXPECT_EQ(split(100, {of(3, 1), of(1, 2), of(2, 3)}), (Amounts{17, 33, 50}));
  // Exact: 14.28…, 85.71…
  EXPECT_EQ(split(100, {own(1), of(2, 6)}), (Amounts{14, 86}));
}

TEST(SplitAmounts, OneTakesAll) { EXPECT_EQ(split(7, {of(1, 3)}), (Amounts{7})); }

TEST(SplitAmounts, WhoseShareIsTooSmallHasNothing) {
  EXPECT_EQ(split(1, {of(2), of(1)}), (Amounts{0, 1}));
}

TEST(SplitAmounts, TheLargestSumAndWeightsFit) {
  std::vector<Portion> portions{own(kSplitSharesMax)};
  for (std::size_t i = 0; i < kSplitPeopleMax; ++i)
    portions.push_back(of(static_cast<std::uint8_t>(i + 10), kSplitSharesMax));
  const Amounts amounts = split(kAmountMax_minor, portions);
  EXPECT_EQ(std::reduce(amounts.begin(), amounts.end()), kAmountMax_minor);
  // 9e15 / 51 leaves 6: who splits and the five smallest ids have one more.
  EXPECT_EQ(amounts.front(), amounts.back() + 1);
  EXPECT_EQ(amounts[5], amounts.front());
  EXPECT_EQ(amounts[6], amounts.back());
}

TEST(SplitAmounts, WhoHasTheExtraUnit) {
  EXPECT_TRUE(has_extra(34, 100, 1, 3));
  EXPECT_FALSE(has_extra(33, 100, 1, 3));
  EXPECT_FALSE(has_extra(50, 100, 3, 6));
  EXPECT_FALSE(has_extra(kAmountMax_minor, kAmountMax_minor, kSplitSharesMax, kSplitSharesMax));
}

}  // namespace
}  // namespace instapay::transaction
