// The pool and its connections against PostgreSQL: whose statement goes first, who may connect.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>
#include <set>

#include "core/limits.h"
#include "pg/database.h"
#include "pg/pool.h"

namespace instapay::testing {
namespace {

constexpr pg::Statement kEcho{"tests/echo", "SELECT $1::bigint"};

// One connection, and many more statements than its pipeline takes: those that come later, also
// when there has just become room, stand behind those that wait.
TEST(Pool, ServesInTheOrderOfArrival) {
  constexpr std::int64_t kAtOnce = 1'000, kLater = 500;
  IoThreads threads(1);
  auto pool = std::make_unique<pg::Pool>(
      threads, pg::ConnectOptions{Database::url(), "", "instapay tests"}, pg::PoolSize{1});
  threads.start();

  std::vector<std::int64_t> answered;
  std::int64_t asked = 0;
  std::promise<void> all_answered;
  const auto ask = [&](auto& self) -> Task<void> {
    const std::int64_t mine = asked++;
    const auto rows = co_await pool->query(kEcho, pg::Params().add(mine));
    EXPECT_TRUE(rows) << (rows ? "" : rows.error().message);
    answered.push_back(mine);
    // A newcomer, at the very moment at which there is room.
    if (asked < kAtOnce + kLater)
      asio::co_spawn(threads.at(0).get_executor(), self(self), asio::detached);
    if (answered.size() == static_cast<std::size_t>(kAtOnce + kLater)) all_answered.set_value();
  };
  const auto begin = [&](auto& self) -> Task<void> {
    while (!pool->connected()) co_await asio::post(threads.at(0), kUseTask);
    for (std::int64_t i = 0; i < kAtOnce; ++i)
      asio::co_spawn(threads.at(0).get_executor(), self(self), asio::detached);
  };
  const auto start = [&]() -> Task<void> { return begin(ask); };
  asio::co_spawn(threads.at(0).get_executor(), start, asio::detached);
  ASSERT_EQ(all_answered.get_future().wait_for(std::chrono::seconds(60)),
            std::future_status::ready);
  threads.stop();
  EXPECT_TRUE(std::ranges::is_sorted(answered));
  pool.reset();
}

// A connection that has reached its age takes no further statement, and ends with the last it has.
TEST(Pool, LosesNothingWhenConnectionsReachTheirAge) {
  constexpr pg::Statement kSlow{"tests/slow", "SELECT pg_backend_pid()::bigint FROM pg_sleep(1.5)"};
  constexpr pg::Statement kPid{"tests/pid", "SELECT pg_backend_pid()::bigint"};
  IoThreads threads(1);
  auto pool =
      std::make_unique<pg::Pool>(threads, pg::ConnectOptions{Database::url(), "", "instapay tests"},
                                 pg::PoolSize{.connections = 1, .connection_age_max_us = 300'000});
  threads.start();

  std::promise<std::set<std::int64_t>> seen;
  std::promise<std::int64_t> slow_one;
  const auto slow = [&]() -> Task<void> {
    const auto rows = co_await pool->query(kSlow);
    slow_one.set_value(rows ? rows->int64(0, 0) : 0);
  };
  // One after the other, until there were three connections.
  const auto ask = [&]() -> Task<void> {
    while (!pool->connected()) co_await asio::post(threads.at(0), kUseTask);
    asio::co_spawn(threads.at(0).get_executor(), slow(), asio::detached);
    std::set<std::int64_t> pids;
    while (pids.size() < 3) {
      const auto rows = co_await pool->query(kPid);
      if (!rows) break;
      pids.insert(rows->int64(0, 0));
    }
    seen.set_value(std::move(pids));
  };
  asio::co_spawn(threads.at(0).get_executor(), ask, asio::detached);
  auto pids = seen.get_future();
  auto first = slow_one.get_future();
  ASSERT_EQ(pids.wait_for(std::chrono::seconds(60)), std::future_status::ready);
  ASSERT_EQ(first.wait_for(std::chrono::seconds(60)), std::future_status::ready);
  threads.stop();
  const auto found = pids.get();
  EXPECT_EQ(found.size(), 3) << "a statement was lost";
  EXPECT_TRUE(found.contains(first.get())) << "and so was the one that was under way";
  pool.reset();
}

// Who ends waits for no server that is still to be asked.
TEST(Connection, IsNotOpenedOnceStopWasRequested) {
  std::stop_source stop;
  pg::ConnectOptions options{Database::url(), "", "instapay tests"};
  options.stop = stop.get_token();
  EXPECT_TRUE(pg::Connection::open(options));
  stop.request_stop();
  const auto refused = pg::Connection::open(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, pg::Failure::Kind::refused);
}

}  // namespace
}  // namespace instapay::testing
