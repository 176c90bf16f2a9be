#include <gtest/gtest.h>

#include "net/connection_count.h"

namespace instapay::net {
namespace {

using Verdict = ConnectionCount::Verdict;

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }

TEST(ConnectionCount, GivesEveryHouseholdItsShare) {
  ConnectionCount count(100, 2);
  EXPECT_EQ(count.add(ip("192.0.2.1"), false), Verdict::counted);
  EXPECT_EQ(count.add(ip("192.0.2.1"), false), Verdict::counted);
  EXPECT_EQ(count.add(ip("192.0.2.1"), false), Verdict::household_full);
  EXPECT_EQ(count.add(ip("::ffff:192.0.2.1"), false), Verdict::household_full);
  EXPECT_EQ(count.add(ip("192.0.2.2"), false), Verdict::counted);
  EXPECT_EQ(count.add(ip("2001:db8::1"), false), Verdict::counted);
  EXPECT_EQ(count.add(ip("2001:db8::2"), false), Verdict::counted);
  EXPECT_EQ(count.add(ip("2001:db8::3"), false), Verdict::household_full);
  EXPECT_EQ(count.add(ip("2001:db8:0:1::1"), false), Verdict::counted) << "another /64";
  count.remove(ip("192.0.2.1"), false);
  EXPECT_EQ(count.add(ip("192.0.2.1"), false), Verdict::counted);
  EXPECT_EQ(count.open(), 6U);
}

TEST(ConnectionCount, ProxiesBringEverybody) {
  ConnectionCount count(5, 2);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(count.add(ip("10.0.0.1"), true), Verdict::counted);
  EXPECT_EQ(count.add(ip("10.0.0.1"), true), Verdict::all_full);
  for (int i = 0; i < 5; ++i) count.remove(ip("10.0.0.1"), true);
  EXPECT_EQ(count.open(), 0U);
}

TEST(ConnectionCount, ZeroIsNoLimit) {
  ConnectionCount count(50, 0);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(count.add(ip("192.0.2.1"), false), Verdict::counted);
  EXPECT_EQ(count.add(ip("192.0.2.2"), false), Verdict::all_full);
  for (int i = 0; i < 50; ++i) count.remove(ip("192.0.2.1"), false);
  EXPECT_EQ(count.open(), 0U);
}

}  // namespace
}  // namespace instapay::net
