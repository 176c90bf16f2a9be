#include "async/worker.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <latch>
#include <thread>

namespace instapay {
namespace {

struct Job {
  std::latch& go_on;
  std::thread::id operator()() const {
    go_on.wait();
    return std::this_thread::get_id();
  }
};

TEST(Worker, TheThreadThatWaitsDoesOtherThingsMeanwhile) {
  asio::io_context io;
  Worker worker(10);
  std::latch done(1);
  std::optional<std::thread::id> ran_on;
  std::thread::id back_on;
  asio::co_spawn(
      io,
      [&]() -> Task<void> {
        ran_on = co_await worker.run(1, Job{done});
        back_on = std::this_thread::get_id();
      },
      asio::detached);
  // Would hang if the job ran here: it waits for this.
  asio::post(io, [&] { done.count_down(); });
  auto work = asio::make_work_guard(io);
  while (!ran_on) io.run_one();
  EXPECT_NE(*ran_on, std::this_thread::get_id());
  EXPECT_EQ(back_on, std::this_thread::get_id());
}

TEST(Worker, RefusesWhatWouldWaitTooLong) {
  asio::io_context io;
  Worker worker(10);
  std::latch done(1);
  std::vector<std::pair<std::size_t, bool>> order;
  const auto start = [&](std::size_t cost) {
    asio::co_spawn(
        io,
        [&, cost]() -> Task<void> {
          const auto ran = co_await worker.run(cost, Job{done});
          order.emplace_back(cost, ran.has_value());
        },
        asio::detached);
  };
  auto work = asio::make_work_guard(io);
  const auto run_until = [&](std::size_t count) {
    while (order.size() < count) io.run_one();
  };
  start(20);  // too dear, but alone
  start(1);
  run_until(1);
  EXPECT_EQ(order[0], (std::pair<std::size_t, bool>(1, false)));
  done.count_down();
  run_until(2);
  start(6);
  start(4);
  run_until(4);
  EXPECT_TRUE(order[1].second && order[2].second && order[3].second);
}

}  // namespace
}  // namespace instapay
