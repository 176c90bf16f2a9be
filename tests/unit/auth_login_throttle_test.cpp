#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "auth/login_throttle.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kSecond = 1'000'000;  // µs
constexpr std::int64_t kStart = 5'000 * kSecond;

// Holds its texts, which an attempt only views.
struct Of {
  std::string account, address, device;
  operator LoginAttempt() const { return {account, address, device}; }  // NOLINT(*-explicit-*)
};
Of of(std::string account, std::string address, std::string device = "") {
  return {std::move(account), std::move(address), std::move(device)};
}

TEST(LoginThrottle, SlowsAnAccountDown) {
  LoginThrottle throttle(10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(throttle.begin_attempt(of("a@x", "address " + std::to_string(i)), kStart), 0);
  }
  EXPECT_EQ(throttle.begin_attempt(of("a@x", "elsewhere"), kStart), 6);
  EXPECT_EQ(throttle.begin_attempt(of("a@x", "elsewhere"), kStart + 5 * kSecond), 1);
  EXPECT_EQ(throttle.begin_attempt(of("a@x", "elsewhere"), kStart + 6 * kSecond), 0);
  EXPECT_EQ(throttle.begin_attempt(of("b@x", "elsewhere"), kStart), 0);
}

TEST(LoginThrottle, SlowsAnAddressDown) {
  LoginThrottle throttle(10);
  for (int i = 0; i < 10 * kNetworkTiers[0].factor; ++i) {
    EXPECT_EQ(throttle.begin_attempt(of(std::to_string(i) + "@x", "one"), kStart), 0);
  }
  EXPECT_GT(throttle.begin_attempt(of("new@x", "one"), kStart), 0);
  EXPECT_EQ(throttle.begin_attempt(of("new@x", "two"), kStart), 0);
}

TEST(LoginThrottle, TheRightPasswordStartsAfresh) {
  LoginThrottle throttle(3);
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(throttle.begin_attempt(of("a@x", "address " + std::to_string(round)), kStart), 0);
    }
    EXPECT_EQ(throttle.begin_attempt(of("a@x", "one"), kStart), 0);
    throttle.succeeded(of("a@x", "one"), kStart);
  }
}

TEST(LoginThrottle, SuccessesNeverTireAnAddress) {
  LoginThrottle throttle(1);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_EQ(throttle.begin_attempt(of(std::to_string(i) + "@x", "office"), kStart), 0);
    throttle.succeeded(of(std::to_string(i) + "@x", "office"), kStart);
  }
}

TEST(LoginThrottle, AnUndecidedAttemptDoesNotCount) {
  LoginThrottle throttle(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(throttle.begin_attempt(of("a@x", "one"), kStart), 0);
    throttle.abandoned(of("a@x", "one"), kStart);
  }
}

TEST(LoginThrottle, ARefusedAttemptDoesNotCountAgainstTheAddress) {
  LoginThrottle throttle(1);
  EXPECT_EQ(throttle.begin_attempt(of("a@x", "one"), kStart), 0);
  for (int i = 0; i < 100; ++i) EXPECT_GT(throttle.begin_attempt(of("a@x", "one"), kStart), 0);
  EXPECT_EQ(throttle.begin_attempt(of("b@x", "one"), kStart), 0);
}

TEST(LoginThrottle, ManyAtOnceCannotSlipThrough) {
  LoginThrottle throttle(10);
  std::atomic<int> passed = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i)
          passed += throttle.begin_attempt(of("a@x", "one"), kStart) == 0;
      });
    }
  }
  EXPECT_EQ(passed, 10);
}

TEST(LoginThrottle, AKnownDeviceIsNotSlowedDownByOthers) {
  LoginThrottle throttle(3);
  while (throttle.begin_attempt(of("a@x", "192.0.2.1"), kStart) == 0) {
  }
  EXPECT_EQ(throttle.begin_attempt(of("a@x", "192.0.2.1", "phone"), kStart), 0);
  throttle.succeeded(of("a@x", "192.0.2.1", "phone"), kStart);
  EXPECT_GT(throttle.begin_attempt(of("a@x", "192.0.2.1"), kStart), 0) << "nobody else is forgiven";
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(throttle.begin_attempt(of("a@x", "192.0.2.1", "phone"), kStart), 0);
  EXPECT_GT(throttle.begin_attempt(of("a@x", "192.0.2.1", "phone"), kStart), 0);
  EXPECT_EQ(throttle.begin_attempt(of("a@x", "192.0.2.1", "laptop"), kStart), 0);
  EXPECT_EQ(throttle.begin_attempt(of("b@x", "192.0.2.1", "phone"), kStart), 0);
}

// How many accounts can be tried from addresses that all differ.
int tried(LoginThrottle& throttle, const std::function<std::string(int)>& address) {
  int count = 0;
  for (int i = 0; i < 1'000; ++i)
    count += throttle.begin_attempt(of(std::to_string(i) + "@x", address(i)), kStart) == 0;
  return count;
}

TEST(LoginThrottle, LargerNetworksHaveATierOfTheirOwn) {
  LoginThrottle throttle(10);
  const auto hex = [](int i) { return fmt::format("{:x}", i); };
  EXPECT_EQ(tried(throttle, [&](int i) { return "2001:db8:1:5::" + hex(i); }), 50) << "a /64";
  EXPECT_EQ(tried(throttle, [&](int i) { return "2001:db8:2:" + hex(i % 256) + "::1"; }), 100)
      << "a /56";
  EXPECT_EQ(tried(throttle, [&](int i) { return "2001:db8:3:" + hex(i * 64) + "::1"; }), 250)
      << "a /48";
  EXPECT_EQ(tried(throttle, [&](int i) { return "2001:db8:" + hex(i + 16) + "::1"; }), 1'000);
  EXPECT_EQ(tried(throttle, [](int) { return std::string("192.0.2.7"); }), 50);
  EXPECT_EQ(tried(throttle, [](int i) { return fmt::format("198.51.100.{}", i % 256); }), 250);
  EXPECT_EQ(tried(throttle, [](int i) { return fmt::format("10.{}.{}.1", i / 256, i % 256); }),
            1'000);
  EXPECT_EQ(tried(throttle, [](int i) { return fmt::format("::ffff:203.0.113.{}", i % 256); }), 250)
      << "IPv4 inside IPv6 is IPv4";
}

TEST(LoginThrottle, ARefusalOfALargerNetworkGivesTheSmallerOneBack) {
  LoginThrottle throttle(1);
  for (int i = 0; i < 25; ++i)
    EXPECT_EQ(throttle.begin_attempt(of(std::to_string(i) + "@x", fmt::format("192.0.2.{}", i / 5)),
                                     kStart),
              0);
  for (int i = 0; i < 20; ++i)
    EXPECT_GT(throttle.begin_attempt(of("a@x", "192.0.2.99"), kStart), 0);
  constexpr std::int64_t kLater = kStart + 60 * kSecond;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(throttle.begin_attempt(of("l" + std::to_string(i), "192.0.2.99"), kLater), 0);
}

TEST(LoginThrottle, ZeroTurnsItOff) {
  LoginThrottle throttle(0);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(throttle.begin_attempt(of("a@x", "one"), kStart), 0);
  throttle.succeeded(of("a@x", "one"), kStart);
  throttle.abandoned(of("a@x", "one"), kStart);
}

}  // namespace
}  // namespace instapay::auth
