#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "auth/password_hasher.h"

namespace instapay::auth {
namespace {

TEST(PasswordHasher, RunsMoveOnlyJobs) {
  std::latch done(1);
  int seen = 0;
  PasswordHasher hasher(1);
  ASSERT_TRUE(hasher.try_submit([value = std::make_unique<int>(7), &seen, &done] {
    seen = *value;
    done.count_down();
  }));
  done.wait();
  EXPECT_EQ(seen, 7);
}

TEST(PasswordHasher, RefusesWhenFullAndLeavesTheJobUntouched) {
  std::binary_semaphore gate(0);
  std::latch started(1);
  std::atomic<int> ran = 0;
  {
    PasswordHasher hasher(1, 2);
    ASSERT_TRUE(hasher.try_submit([&] {
      started.count_down();
      gate.acquire();
    }));
    started.wait();
    ASSERT_TRUE(hasher.try_submit([&] { ++ran; }));
    ASSERT_TRUE(hasher.try_submit([&] { ++ran; }));
    EXPECT_EQ(hasher.queue_depth(), 2U);

    auto refused = [kept = std::make_unique<int>(1), &ran] { ran += 100 * *kept; };
    EXPECT_FALSE(hasher.try_submit(std::move(refused)));
    refused();  // still whole
    EXPECT_EQ(ran, 100);
    gate.release();
  }
  EXPECT_EQ(ran, 102) << "destruction runs what was accepted";
}

TEST(PasswordHasher, RunsInOrderOnOneThread) {
  std::vector<int> order;
  {
    PasswordHasher hasher(1, 100);
    for (int i = 0; i < 100; ++i)
      ASSERT_TRUE(hasher.try_submit([&order, i] { order.push_back(i); }));
  }
  ASSERT_EQ(order.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(PasswordHasher, ManyProducers) {
  std::atomic<int> accepted = 0;
  std::atomic<int> ran = 0;
  {
    PasswordHasher hasher(3, 16);
    std::vector<std::jthread> producers;
    for (int p = 0; p < 4; ++p) {
      producers.emplace_back([&] {
        for (int i = 0; i < 2'000; ++i) accepted += hasher.try_submit([&ran] { ++ran; }) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(ran, accepted);
  EXPECT_GT(ran, 0);
}

TEST(PasswordHasher, HasAtLeastOneThread) {
  std::latch done(1);
  PasswordHasher hasher(0);
  EXPECT_EQ(hasher.threads(), 1U);
  ASSERT_TRUE(hasher.try_submit([&] { done.count_down(); }));
  done.wait();
}

}  // namespace
}  // namespace instapay::auth
