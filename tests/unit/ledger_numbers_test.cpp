#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "ledger/proof/numbers.h"

namespace instapay::ledger {
namespace {

TEST(Numbers, AreAsASetWouldHaveThemInWhateverOrderTheyCome) {
  std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed): the same each time
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> order(40);
    std::ranges::generate(order, [next = 1]() mutable { return next++; });
    std::ranges::shuffle(order, random);
    Numbers numbers;
    std::set<std::int64_t> expected;
    for (const std::int64_t number : order) {
      EXPECT_FALSE(numbers.contains(number));
      numbers.add(number);
      numbers.add(number);
      expected.insert(number);
      std::int64_t first_missing = 1, stretches = 0;
      while (expected.contains(first_missing)) ++first_missing;
      for (std::int64_t i = 0; i <= 41; ++i) {
        EXPECT_EQ(numbers.contains(i), expected.contains(i)) << i;
        if (expected.contains(i) && !expected.contains(i - 1)) ++stretches;
      }
      EXPECT_EQ(numbers.first_missing(), first_missing);
      EXPECT_EQ(numbers.stretches(), static_cast<std::size_t>(stretches));
    }
    EXPECT_EQ(numbers.stretches(), 1U);
  }
}

}  // namespace
}  // namespace instapay::ledger
