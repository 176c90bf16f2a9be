#include "net/accept.h"

#include <gtest/gtest.h>

namespace instapay::net {
namespace {

std::string_view best(std::string_view accept) {
  return best_type(accept, {"application/json", "text/csv"});
}

TEST(Accept, TheFirstOneWithoutAWish) {
  EXPECT_EQ(best(""), "application/json");
  EXPECT_EQ(best("  "), "application/json");
  EXPECT_EQ(best("*/*"), "application/json");
  EXPECT_EQ(best("text/csv, application/json"), "application/json");
}

TEST(Accept, WhatFits) {
  EXPECT_EQ(best("text/csv"), "text/csv");
  EXPECT_EQ(best("TEXT/CSV"), "text/csv");
  EXPECT_EQ(best("text/*"), "text/csv");
  EXPECT_EQ(best("text/html, text/csv;header=present"), "text/csv");
  EXPECT_EQ(best("text/html, */*;q=0.1"), "application/json");
}

TEST(Accept, WeightsDecide) {
  EXPECT_EQ(best("application/json;q=0.5, text/csv"), "text/csv");
  EXPECT_EQ(best("application/json; q=0.501, text/csv; q=0.5"), "application/json");
  EXPECT_EQ(best("text/csv;q=0, */*"), "application/json");
  EXPECT_EQ(best("*/*;q=1, application/json;q=0"), "text/csv");
  EXPECT_EQ(best("application/json;Q=0.2,text/csv;q=1.000"), "text/csv");
}

TEST(Accept, TheMoreExactRangeCounts) {
  EXPECT_EQ(best("text/*;q=0.9, text/csv;q=0.1, application/json;q=0.5"), "application/json");
  EXPECT_EQ(best("*/*;q=0.1, text/*;q=0.4"), "text/csv");
}

TEST(Accept, NothingFits) {
  EXPECT_EQ(best("application/xml"), "");
  EXPECT_EQ(best("text/html,application/xhtml+xml"), "");
  EXPECT_EQ(best("*/*;q=0"), "");
  EXPECT_EQ(best("text/csvx"), "");
}

TEST(Accept, NonsenseIsNoWish) {
  EXPECT_EQ(best(",;,q=1"), "");
  EXPECT_EQ(best("text/csv;q=abc"), "");
  EXPECT_EQ(best("text/csv;q"), "text/csv");
}

}  // namespace
}  // namespace instapay::net
