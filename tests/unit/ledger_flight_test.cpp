#include "ledger/commit/flight.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/time.h"

namespace instapay::ledger {
namespace {

using State = Flight::State;
constexpr std::int64_t kLong_us = 10'000'000;
constexpr AccountId kA{Uuid::reserved(11)}, kB{Uuid::reserved(12)}, kC{Uuid::reserved(13)};

TEST(Flight, TellsWhatThePlanLeavesBehind) {
  const RequestKey key{kA.uuid, Hash128{1}, Hash128{2}};
  Plan plan;
  plan.changed = {Account{.id = kA, .seq = {4}, .balance = {70}},
                  Account{.id = kB, .seq = {9}, .balance = {30}}};
  plan.transfers = {Transfer{.payer = kC, .payee = kB, .amount = {1}},
                    Transfer{.payer = kA,
                             .payee = kB,
                             .amount = {30},
                             .key = key,
                             .refused_items = "1:insufficient_funds:0:0:0"},
                    Transfer{.payer = kA, .payee = kB, .amount = {2}},
                    Transfer{.payer = kA, .payee = kC, .amount = {3}}};
  plan.keys = {{key, 1, 2}};

  Flight flight;
  EXPECT_FALSE(flight.planned());
  flight.plan(plan);
  EXPECT_TRUE(flight.planned());
  ASSERT_NE(flight.find(kB), nullptr);
  EXPECT_EQ(flight.find(kB)->balance, Amount{30});
  EXPECT_EQ(flight.find(kB)->seq, Seq{9}) << "as it will be";
  EXPECT_EQ(flight.find(kC), nullptr);

  const FirstAnswer* first = flight.find(OwnedKey{kA.uuid, Hash128{1}});
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->request, Hash128{2});
  EXPECT_EQ(first->refused_items, "1:insufficient_funds:0:0:0");
  ASSERT_EQ(first->transfers.size(), 2U) << "those of its request";
  EXPECT_EQ(first->transfers[0].amount, Amount{30});
  EXPECT_EQ(first->transfers[1].amount, Amount{2});
  EXPECT_EQ(flight.find(OwnedKey{kB.uuid, Hash128{1}}), nullptr) << "it is another one's";
  EXPECT_EQ(flight.find(OwnedKey{kA.uuid, Hash128{2}}), nullptr);
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
