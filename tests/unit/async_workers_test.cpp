#include "async/workers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

namespace instapay {
namespace {

struct Job {
  std::latch& go_on;
  std::thread::id operator()() const {
    go_on.wait();
    return std::this_thread::get_id();
  }
};

struct Ran {
  std::size_t cost = 0;
  std::optional<std::thread::id> there, back;
};

Task<void> one(Workers& workers, std::size_t cost, std::latch& go_on, std::vector<Ran>& ran) {
  const auto there = co_await workers.run(cost, Job{go_on});
  ran.push_back({cost, there, std::this_thread::get_id()});
}

TEST(Workers, TheThreadThatWaitsDoesOtherThingsMeanwhile) {
  asio::io_context io;
  Workers workers(1, 10);
  std::latch done(1);
  std::vector<Ran> ran;
  asio::co_spawn(io, one(workers, 1, done, ran), asio::detached);
  // Would hang if the job ran here: it waits for this.
  asio::post(io, [&] { done.count_down(); });
  auto work = asio::make_work_guard(io);
  while (ran.empty()) io.run_one();
  EXPECT_NE(ran[0].there.value(), std::this_thread::get_id());
  EXPECT_EQ(ran[0].back, std::this_thread::get_id());
}

TEST(Workers, RefusesWhatWouldWaitTooLong) {
  asio::io_context io;
  Workers workers(1, 10);
  std::latch done(1);
  std::vector<Ran> ran;
  const auto start = [&](std::size_t cost) {
    asio::co_spawn(io, one(workers, cost, done, ran), asio::detached);
  };
  auto work = asio::make_work_guard(io);
  const auto run_until = [&](std::size_t count) {
    while (ran.size() < count) io.run_one();
  };
  start(20);  // too dear, but alone
  start(1);
  run_until(1);
  EXPECT_EQ(ran[0].cost, 1U);
  EXPECT_FALSE(ran[0].there);
  done.count_down();
  run_until(2);
  start(6);
  start(4);
  run_until(4);
  EXPECT_TRUE(ran[1].there && ran[2].there && ran[3].there);
}

TEST(Workers, AtLeastOneThread) {
  EXPECT_EQ(Workers(0, 10).threads(), 1U);
  EXPECT_EQ(Workers(3, 10).threads(), 3U);
}

TEST(Workers, RunMoveOnlyJobsInOrderAndCountThem) {
  asio::io_context io;
  Workers workers(1, 200);
  std::latch go_on(1);
  std::vector<int> order;
  int back = 0;
  const auto job = [&](int i) -> Task<void> {
    const auto ran = co_await workers.run(1, [&, value = std::make_unique<int>(i)] {
      go_on.wait();
      order.push_back(*value);
      return *value;
    });
    EXPECT_EQ(ran, i);
    ++back;
  };
  for (int i = 0; i < 100; ++i) asio::co_spawn(io, job(i), asio::detached);
  io.poll();
  EXPECT_EQ(workers.cost(), 100U);
  go_on.count_down();
  auto work = asio::make_work_guard(io);
  while (back < 100) io.run_one();
  EXPECT_TRUE(std::ranges::is_sorted(order));
  EXPECT_EQ(workers.cost(), 0U);
}

TEST(Workers, ManyThreadsAskAndEachIsAnsweredOrRefused) {
  constexpr int kAskers = 4, kEach = 500;
  std::array<asio::io_context, kAskers> contexts;  // go after the workers, as IoThreads do
  Workers workers(3, 16);
  std::atomic<int> ran = 0, answered = 0, refused = 0;
  std::vector<std::jthread> askers;
  for (asio::io_context& io : contexts)
    askers.emplace_back([&] {
      auto work = asio::make_work_guard(io);
      int done = 0;
      const auto ask = [&]() -> Task<void> {
        (co_await workers.run(1, [&] { return ++ran; }) ? answered : refused)++;
        if (++done == kEach) work.reset();
      };
      for (int i = 0; i < kEach; ++i) asio::co_spawn(io, ask(), asio::detached);
      io.run();
    });
  askers.clear();
  EXPECT_EQ(ran, answered);
  EXPECT_EQ(answered + refused, kAskers * kEach);
  EXPECT_GT(answered, 0);
  EXPECT_EQ(workers.cost(), 0U);
}

TEST(Workers, WhatStillWaitsAtTheEndIsDropped) {
  asio::io_context io;
  std::atomic<int> ran = 0;
  {
    Workers workers(1, 10);
    std::latch started(1);
    const auto job = [&](bool first) -> Task<void> {
      std::ignore = co_await workers.run(1, [&, first] {
        ++ran;
        if (first) {
          started.count_down();
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        return 0;
      });
      ADD_FAILURE() << "nobody runs the context any more";
    };
    for (const bool first : {true, false, false}) asio::co_spawn(io, job(first), asio::detached);
    io.poll();
    started.wait();
  }
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace instapay
