#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "auth/login_throttle.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kSecond = 1'000'000;  // µs
constexpr std::int64_t kStart = 5'000 * kSecond;

TEST(LoginThrottle, SlowsAnAccountDown) {
  LoginThrottle throttle(10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(throttle.begin_attempt("a@x", "address " + std::to_string(i), kStart), 0);
  }
  EXPECT_EQ(throttle.begin_attempt("a@x", "elsewhere", kStart), 6);
  EXPECT_EQ(throttle.begin_attempt("a@x", "elsewhere", kStart + 5 * kSecond), 1);
  EXPECT_EQ(throttle.begin_attempt("a@x", "elsewhere", kStart + 6 * kSecond), 0);
  EXPECT_EQ(throttle.begin_attempt("b@x", "elsewhere", kStart), 0);
}

TEST(LoginThrottle, SlowsAnAddressDown) {
  LoginThrottle throttle(10);
  for (int i = 0; i < 10 * kThrottleAddressFactor; ++i) {
    EXPECT_EQ(throttle.begin_attempt(std::to_string(i) + "@x", "one", kStart), 0);
  }
  EXPECT_GT(throttle.begin_attempt("new@x", "one", kStart), 0);
  EXPECT_EQ(throttle.begin_attempt("new@x", "two", kStart), 0);
}

TEST(LoginThrottle, TheRightPasswordStartsAfresh) {
  LoginThrottle throttle(3);
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(throttle.begin_attempt("a@x", "address " + std::to_string(round), kStart), 0);
    }
    EXPECT_EQ(throttle.begin_attempt("a@x", "one", kStart), 0);
    throttle.succeeded("a@x", "one", kStart);
  }
}

TEST(LoginThrottle, SuccessesNeverTireAnAddress) {
  LoginThrottle throttle(1);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_EQ(throttle.begin_attempt(std::to_string(i) + "@x", "office", kStart), 0);
    throttle.succeeded(std::to_string(i) + "@x", "office", kStart);
  }
}

TEST(LoginThrottle, AnUndecidedAttemptDoesNotCount) {
  LoginThrottle throttle(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(throttle.begin_attempt("a@x", "one", kStart), 0);
    throttle.abandoned("a@x", "one", kStart);
  }
}

TEST(LoginThrottle, ARefusedAttemptDoesNotCountAgainstTheAddress) {
  LoginThrottle throttle(1);
  EXPECT_EQ(throttle.begin_attempt("a@x", "one", kStart), 0);
  for (int i = 0; i < 100; ++i) EXPECT_GT(throttle.begin_attempt("a@x", "one", kStart), 0);
  EXPECT_EQ(throttle.begin_attempt("b@x", "one", kStart), 0);
}

TEST(LoginThrottle, ManyAtOnceCannotSlipThrough) {
  LoginThrottle throttle(10);
  std::atomic<int> passed = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) passed += throttle.begin_attempt("a@x", "one", kStart) == 0;
      });
    }
  }
  EXPECT_EQ(passed, 10);
}

TEST(LoginThrottle, ZeroTurnsItOff) {
  LoginThrottle throttle(0);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(throttle.begin_attempt("a@x", "one", kStart), 0);
  throttle.succeeded("a@x", "one", kStart);
  throttle.abandoned("a@x", "one", kStart);
}

}  // namespace
}  // namespace instapay::auth
