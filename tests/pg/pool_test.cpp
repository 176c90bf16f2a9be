// The pool and its connections against PostgreSQL: whose statement goes first, who may connect.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>

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
      threads, pg::ConnectOptions{Database::url(), "", "instapay tests"}, 1);
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
