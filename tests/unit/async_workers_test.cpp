#include "async/worker.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <latch>
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

Task<void> one(Worker& worker, std::size_t cost, std::latch& go_on, std::vector<Ran>& ran) {
  const auto there = co_await worker.run(cost, Job{go_on});
  ran.push_back({cost, there, std::this_thread::get_id()});
}

TEST(Worker, TheThreadThatWaitsDoesOtherThingsMeanwhile) {
  asio::io_context io;
  Worker worker(10);
  std::latch done(1);
  std::vector<Ran> ran;
  asio::co_spawn(io, one(worker, 1, done, ran), asio::detached);
  // Would hang if the job ran here: it waits for this.
  asio::post(io, [&] { done.count_down(); });
  auto work = asio::make_work_guard(io);
  while (ran.empty()) io.run_one();
  EXPECT_NE(ran[0].there.value(), std::this_thread::get_id());
  EXPECT_EQ(ran[0].back, std::this_thread::get_id());
}

TEST(Worker, RefusesWhatWouldWaitTooLong) {
  asio::io_context io;
  Worker worker(10);
  std::latch done(1);
  std::vector<Ran> ran;
  const auto start = [&](std::size_t cost) {
    asio::co_spawn(io, one(worker, cost, done, ran), asio::detached);
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

}  // namespace
}  // namespace instapay
