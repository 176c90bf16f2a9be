#include "reporting/exposition.h"

#include <gtest/gtest.h>

namespace instapay::reporting {
namespace {

TEST(ParseMillionths, PlainNumbers) {
  EXPECT_EQ(parse_millionths("0"), 0);
  EXPECT_EQ(parse_millionths("12"), 12'000'000);
  EXPECT_EQ(parse_millionths("0.0025"), 2'500);
  EXPECT_EQ(parse_millionths("-1.5"), -1'500'000);
  EXPECT_EQ(parse_millionths("0.00050000000000000001"), 500);
}

TEST(ParseMillionths, Exponents) {
  EXPECT_EQ(parse_millionths("1e+06"), 1'000'000'000'000);
  EXPECT_EQ(parse_millionths("1.5E3"), 1'500'000'000);
  EXPECT_EQ(parse_millionths("2.5e-05"), 25);
  EXPECT_EQ(parse_millionths("1e-300"), 0);
}

TEST(ParseMillionths, WhatIsNoNumberOrTooLarge) {
  for (const auto* text : {"", "NaN", "+Inf", "-Inf", "1e", "1ex", "1.2.3", "abc", "1e300", "1e18"})
    EXPECT_EQ(parse_millionths(text), std::nullopt) << text;
}

const Exposition& sample() {
  static const Exposition exposition(
      "# HELP x_total Help with x_total 7\n"
      "x_total 42\n"
      "x_total_more 1\n"
      "y{code=\"a\"} 3\n"
      "t_seconds_bucket{le=\"0.001\"} 0\n"
      "t_seconds_bucket{le=\"0.002\"} 50\n"
      "t_seconds_bucket{le=\"0.01\"} 90\n"
      "t_seconds_bucket{le=\"+Inf\"} 100\n"
      "t_seconds_count 100\n");
  return exposition;
}

TEST(Exposition, FindsMetricsByTheirWholeName) {
  EXPECT_EQ(sample().whole("x_total"), 42);
  EXPECT_EQ(sample().whole("x"), std::nullopt);
  EXPECT_EQ(sample().whole("y"), std::nullopt);
  EXPECT_EQ(sample().millionths("t_seconds_count"), 100'000'000);
}

TEST(Exposition, QuantilesWithinTheirBucket) {
  EXPECT_EQ(sample().quantile("t_seconds", 50), 2'000);
  EXPECT_EQ(sample().quantile("t_seconds", 25), 1'500);
  EXPECT_EQ(sample().quantile("t_seconds", 70), 6'000);
  EXPECT_EQ(sample().quantile("t_seconds", 90), 10'000);
}

TEST(Exposition, BeyondTheLastBoundIsAtLeastThat) {
  EXPECT_EQ(sample().quantile("t_seconds", 99), 10'000);
}

TEST(Exposition, OfSeveralProcessesIsTheSum) {
  const Exposition both(std::vector<std::string>{
      "depth 3\nonly_here 1\nt_bucket{le=\"1\"} 9\nt_bucket{le=\"2\"} 10\nt_bucket{le=\"+Inf\"} "
      "10\n",
      "depth 4\nt_bucket{le=\"1\"} 0\nt_bucket{le=\"2\"} 10\nt_bucket{le=\"+Inf\"} 12\n"});
  EXPECT_EQ(both.whole("depth"), 7);
  EXPECT_EQ(both.whole("only_here"), 1);
  EXPECT_EQ(both.whole("nowhere"), std::nullopt);
  // 9 of 22 are at most 1, 20 of 22 at most 2: the median is the second of the next eleven.
  EXPECT_EQ(both.quantile("t", 50), 1'181'818);
  EXPECT_EQ(both.quantile("t", 95), 2'000'000);
}

TEST(Exposition, NothingObserved) {
  EXPECT_EQ(sample().quantile("u_seconds", 50), std::nullopt);
  const Exposition empty("t_bucket{le=\"1\"} 0\nt_bucket{le=\"+Inf\"} 0\n");
  EXPECT_EQ(empty.quantile("t", 50), std::nullopt);
  EXPECT_EQ(Exposition("").whole("x"), std::nullopt);
}

}  // namespace
}  // namespace instapay::reporting
