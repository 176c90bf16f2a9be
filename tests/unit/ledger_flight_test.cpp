#include <gtest/gtest.h>

#include <thread>

#include "core/time.h"
#include "ledger/flight.h"

namespace instapay::ledger {
namespace {

using State = Flight::State;
constexpr std::int64_t kLong_us = 10'000'000;

TEST(Flight, TellsWhatThePlanLeavesBehind) {
  const Uuid a = Uuid::reserved(11), b = Uuid::reserved(12);
  Plan plan;
  plan.changed = {Account{.id = a, .balance_minor = 70, .version = 4},
                  Account{.id = b, .balance_minor = 30, .version = 9}};
  plan.transfers = {Transfer{.payer = a, .payee = b, .amount_minor = 30, .key = Hash128{1}},
                    Transfer{.payer = a, .payee = b, .amount_minor = 1}};
  plan.row = {.chain_id = 3, .seq = 7};

  Flight flight;
  EXPECT_FALSE(flight.planned());
  flight.plan(plan);
  EXPECT_TRUE(flight.planned());
  ASSERT_NE(flight.find(b), nullptr);
  EXPECT_EQ(flight.find(b)->balance_minor, 30);
  EXPECT_EQ(flight.find(b)->version, 10) << "as it will be, counted up";
  EXPECT_EQ(flight.find(Uuid::reserved(13)), nullptr);
  ASSERT_NE(flight.find(KeyOfPayer{a, Hash128{1}}), nullptr);
  EXPECT_EQ(flight.find(KeyOfPayer{a, Hash128{1}})->amount_minor, 30);
  EXPECT_EQ(flight.find(KeyOfPayer{b, Hash128{1}}), nullptr);
  EXPECT_EQ(flight.ref().chain_id, 3);
  EXPECT_EQ(flight.ref().seq, 7);
  EXPECT_EQ(flight.ref().hash, plan.row.hash());
}

TEST(Flight, EndsOnceAndForAll) {
  Flight committed;
  committed.become(State::committed);
  committed.become(State::landed);  // at its very end every batch says so
  EXPECT_EQ(committed.state(), State::committed);
  Flight dropped;
  dropped.become(State::dropped);
  dropped.become(State::committed);
  EXPECT_EQ(dropped.state(), State::dropped) << "whatever was committed is not what was planned";
  dropped.become(State::landed);
  dropped.become(State::committed);
  EXPECT_EQ(dropped.state(), State::landed);
}

TEST(Flight, IsWaitedForUntilItIsWhatIsWantedOrLater) {
  Flight flight;
  EXPECT_EQ(flight.wait(State::dropped, 1'000), State::in_flight);
  std::jthread later([&] {
    for (const State state : {State::dropped, State::landed}) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      flight.become(state);
    }
  });
  EXPECT_GE(flight.wait(State::dropped, kLong_us), State::dropped);
  EXPECT_EQ(flight.wait(State::landed, kLong_us), State::landed);
}

}  // namespace
}  // namespace instapay::ledger
