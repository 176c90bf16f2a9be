#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "auth/rate_limiter.h"
#include "auth/siphash.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kSecond = 1'000'000;  // µs
constexpr std::int64_t kStart = 5'000 * kSecond;

TEST(SipHash, ReferenceVectors) {
  // The authors' vectors_sip64: key 00..0f, message 00, 01, … of each length.
  constexpr SipKey kKey{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};
  std::string message;
  const auto next = [&] { message.push_back(static_cast<char>(message.size())); };
  EXPECT_EQ(siphash(kKey, message), 0x726fdb47dd0e0e31ULL);
  next();
  EXPECT_EQ(siphash(kKey, message), 0x74f839c593dc67fdULL);
  while (message.size() < 8) next();
  EXPECT_EQ(siphash(kKey, message), 0x93f5f5799a932462ULL);
  while (message.size() < 15) next();
  EXPECT_EQ(siphash(kKey, message), 0xa129ca6149be45e5ULL);
}

TEST(RateLimiter, AllowsABurstThenRefuses) {
  RateLimiter limiter(10);
  for (int left = 9; left >= 0; --left) {
    const auto result = limiter.take("alice", kStart);
    EXPECT_TRUE(result.allowed);
    EXPECT_EQ(result.limit, 10);
    EXPECT_EQ(result.remaining, left);
    EXPECT_EQ(result.retry_after_s, 0);
    EXPECT_EQ(result.reset_s, 1);
  }
  const auto refused = limiter.take("alice", kStart);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.retry_after_s, 1);
  EXPECT_TRUE(limiter.take("bob", kStart).allowed) << "each key has its own bucket";
}

TEST(RateLimiter, RefillsWithTime) {
  RateLimiter limiter(10);
  for (int i = 0; i < 10; ++i) limiter.take("alice", kStart);
  EXPECT_FALSE(limiter.take("alice", kStart + kSecond / 10 - 1).allowed);
  EXPECT_TRUE(limiter.take("alice", kStart + kSecond / 10).allowed);
  EXPECT_FALSE(limiter.take("alice", kStart + kSecond / 10).allowed);
  const auto later = limiter.take("alice", kStart + 100 * kSecond);
  EXPECT_EQ(later.remaining, 9) << "never more than the burst";
}

TEST(RateLimiter, ARefusedRequestCostsNothing) {
  RateLimiter limiter(1);
  EXPECT_TRUE(limiter.take("a", kStart).allowed);
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(limiter.take("a", kStart + i).allowed);
  EXPECT_TRUE(limiter.take("a", kStart + kSecond).allowed);
}

TEST(RateLimiter, LongRunRateIsTheLimit) {
  RateLimiter limiter(50);
  int allowed = 0;
  for (std::int64_t at = 0; at < 10 * kSecond; at += 1'000) {
    allowed += limiter.take("a", kStart + at).allowed ? 1 : 0;
  }
  EXPECT_GE(allowed, 50 + 498);
  EXPECT_LE(allowed, 50 + 500);
}

TEST(RateLimiter, AChargeIsOwedUntilItCameBack) {
  RateLimiter limiter(10);
  EXPECT_TRUE(limiter.take("a", kStart).allowed);
  const auto charged = limiter.charge("a", 99, kStart);
  EXPECT_TRUE(charged.allowed) << "what one request holds is let through as a whole";
  EXPECT_EQ(charged.remaining, 0);
  EXPECT_EQ(charged.reset_s, 10);
  const auto refused = limiter.take("a", kStart);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after_s, 10) << "9 s of debt and a token";
  EXPECT_FALSE(limiter.take("a", kStart + 9 * kSecond).allowed);
  EXPECT_TRUE(limiter.take("a", kStart + 9 * kSecond + kSecond / 10).allowed);
}

TEST(RateLimiter, NobodyBorrowsTwice) {
  RateLimiter limiter(10);
  // Ten requests at once are admitted before any of their bodies is known.
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limiter.take("a", kStart).allowed);
  EXPECT_TRUE(limiter.charge("a", 999, kStart).allowed);
  const auto refused = limiter.charge("a", 999, kStart);
  EXPECT_FALSE(refused.allowed);
  EXPECT_GE(refused.retry_after_s, 99);
  EXPECT_EQ(limiter.take("a", kStart).retry_after_s, refused.retry_after_s) << "not charged again";
  EXPECT_TRUE(limiter.charge("b", 5, kStart).allowed);
  RateLimiter one(1);
  EXPECT_TRUE(one.take("a", kStart).allowed);
  EXPECT_TRUE(one.charge("a", 3, kStart).allowed) << "the smallest limit admits a batch, too";
  RateLimiter off(0);
  EXPECT_TRUE(off.charge("a", 1'000'000, kStart).allowed);
}

TEST(RateLimiter, ZeroTurnsItOff) {
  RateLimiter limiter(0);
  for (int i = 0; i < 1'000; ++i) {
    const auto result = limiter.take("a", kStart);
    EXPECT_TRUE(result.allowed);
    EXPECT_EQ(result.limit, 0);
  }
}

TEST(RateLimiter, AClockThatStandsStillOrStepsBackIsHarmless) {
  RateLimiter limiter(2);
  limiter.take("a", kStart);
  limiter.take("a", kStart - 10);
  EXPECT_FALSE(limiter.take("a", kStart - 20).allowed);
  EXPECT_TRUE(limiter.take("a", kStart + kSecond).allowed);
}

TEST(RateLimiter, BusyKeysOutliveAFloodOfIdleOnes) {
  RateLimiter limiter(10, 1'024);
  for (int i = 0; i < 10; ++i) limiter.take("busy", kStart);
  for (int i = 0; i < 20'000; ++i) {
    limiter.take("stranger " + std::to_string(i), kStart);
    if (i % 16 == 0) {
      EXPECT_FALSE(limiter.take("busy", kStart).allowed) << i;
    }
  }
}

TEST(RateLimiter, ThreadsTogetherGetExactlyTheBurst) {
  RateLimiter limiter(1'000);
  std::atomic<int> allowed = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2'000; ++i) allowed += limiter.take("shared", kStart).allowed ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(allowed, 1'000);
}

TEST(RateKeyOfAddress, OneKeyPerHousehold) {
  EXPECT_EQ(rate_key_of_address("203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(rate_key_of_address("::ffff:203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(rate_key_of_address("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(rate_key_of_address("2001:db8:1:2::1"), "2001:db8:1:2::/64");
  EXPECT_NE(rate_key_of_address("2001:db8:1:3::1"), rate_key_of_address("2001:db8:1:2::1"));
  EXPECT_EQ(rate_key_of_address("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(rate_key_of_address("unix"), "unix");
  EXPECT_EQ(rate_key_of_address(""), "");
}

}  // namespace
}  // namespace instapay::auth
