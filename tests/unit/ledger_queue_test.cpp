#include "ledger/commit/queue.h"

#include <gtest/gtest.h>

#include <thread>

#include "core/time.h"

namespace instapay::ledger {
namespace {

constexpr std::int64_t kSoon_us = 1'000, kLong_us = 10'000'000;

AccountId id(int number) { return {Uuid::reserved(static_cast<std::uint8_t>(number))}; }
SubmissionPtr pay(std::initializer_list<std::pair<int, int>> orders,
                  std::int64_t deadline_us = kLong_us) {
  auto submission = std::make_unique<Submission>();
  for (const auto& [payer, payee] : orders)
    submission->orders.push_back({.payer = id(payer), .payee = id(payee), .amount = {1}});
  submission->deadline_us = deadline_us;
  return submission;
}
SubmissionPtr with_prelude(SubmissionPtr submission) {
  submission->prelude = std::make_unique<Prelude>();
  return submission;
}
bool push(Queue& queue, SubmissionPtr submission) { return queue.push(submission); }

// The first payer and payee of what the batch has.
std::string content(const Queue::Batch& batch) {
  std::string all;
  for (const auto& submission : batch.submissions) {
    const Order& order = submission->orders.front();
    all += (all.empty() ? "" : " ") + std::to_string(order.payer.uuid.bytes[15]) + "-" +
           std::to_string(order.payee.uuid.bytes[15]);
  }
  return all;
}

TEST(Queue, GivesWhatIsThereInOrder) {
  Queue queue(100, 10);
  EXPECT_EQ(content(queue.take(kSoon_us)), "");
  for (int i = 1; i < 4; ++i) EXPECT_TRUE(push(queue, pay({{i, i + 10}})));
  EXPECT_EQ(queue.depth(), 3U);
  const auto batch = queue.take(kSoon_us);
  EXPECT_EQ(content(batch), "1-11 2-12 3-13");
  EXPECT_EQ(batch.accounts.size(), 6U);
  EXPECT_TRUE(std::ranges::is_sorted(batch.accounts));
  EXPECT_EQ(queue.depth(), 0U);
}

TEST(Queue, IsBoundedByTransfersAndLeavesARefusedOneWithTheCaller) {
  Queue queue(3, 10);
  EXPECT_TRUE(push(queue, pay({{1, 2}, {1, 3}})));
  auto two = pay({{4, 5}, {4, 6}});
  EXPECT_FALSE(queue.push(two));
  ASSERT_NE(two, nullptr);
  EXPECT_EQ(two->orders.size(), 2U);
  EXPECT_TRUE(push(queue, pay({{7, 8}})));
  EXPECT_FALSE(push(queue, pay({{7, 8}})));
  queue.take(kSoon_us);
  EXPECT_TRUE(queue.push(two));
}

TEST(Queue, ABatchIsBoundedButALargeSubmissionGetsThrough) {
  Queue queue(100, 2);
  push(queue, pay({{1, 2}, {1, 3}, {1, 4}}));
  for (int i = 10; i < 13; ++i) push(queue, pay({{i, i + 10}}));
  auto batch = queue.take(kSoon_us);
  EXPECT_EQ(content(batch), "1-2");
  queue.release(batch);
  EXPECT_EQ(content(queue.take(kSoon_us)), "10-20 11-21");
  EXPECT_EQ(content(queue.take(kSoon_us)), "12-22");
}

TEST(Queue, AnAccountIsInOneBatchAtATime) {
  Queue queue(100, 10);
  push(queue, pay({{1, 2}}));
  const auto first = queue.take(kSoon_us);
  for (const auto& [payer, payee] : {std::pair(2, 3), std::pair(4, 5), std::pair(6, 1)})
    push(queue, pay({{payer, payee}}));
  const auto second = queue.take(kSoon_us);
  EXPECT_EQ(content(second), "4-5");
  EXPECT_EQ(content(queue.take(kSoon_us)), "");
  queue.release(first);
  EXPECT_EQ(content(queue.take(kSoon_us)), "2-3 6-1");
}

TEST(Queue, WhoIsNotThereIsNotWaitedFor) {
  Queue queue(100, 10);
  push(queue, pay({{1, 2}}));
  const auto first = queue.take(kSoon_us);
  auto unknown = pay({{3, 2}});
  unknown->orders.front().refused = Code::payee_not_found;  // its payee stands for nobody
  push(queue, std::move(unknown));
  auto control = pay({{4, 2}});
  control->orders.front().kind = EntryKind::control;  // it only gives the order
  push(queue, std::move(control));
  const auto second = queue.take(kSoon_us);
  EXPECT_EQ(content(second), "3-2 4-2");
  EXPECT_EQ(second.accounts, (std::vector{id(3), id(4)}));
}

TEST(Queue, NobodyOvertakesOnAnAccount) {
  Queue queue(100, 10);
  push(queue, pay({{1, 2}}));
  const auto first = queue.take(kSoon_us);
  push(queue, pay({{3, 1}}));  // waits for 1
  push(queue, pay({{3, 4}}));  // came later: waits for 3
  push(queue, pay({{5, 6}}));
  EXPECT_EQ(content(queue.take(kSoon_us)), "5-6");
  queue.release(first);
  EXPECT_EQ(content(queue.take(kSoon_us)), "3-1 3-4");
}

TEST(Queue, AWideSubmissionIsNotStarvedByNarrowOnes) {
  Queue queue(1'000, 10);
  push(queue, pay({{1, 2}}));
  auto in_flight = queue.take(kSoon_us);
  push(queue, pay({{9, 1}, {9, 3}}));  // needs 1 and 3
  // Two committers in turn: one of the two accounts would always be held.
  bool begun = false;
  for (int round = 0; round < 6 && !begun; ++round) {
    push(queue, pay({{round % 2 == 0 ? 3 : 1, 20 + round}}));
    auto next = queue.take(kSoon_us);
    queue.release(in_flight);
    begun = content(next).starts_with("9-1");
    in_flight = std::move(next);
    if (in_flight.submissions.empty()) {
      in_flight = queue.take(kSoon_us);
      begun = begun || content(in_flight).starts_with("9-1");
    }
  }
  EXPECT_TRUE(begun);
}

// As a committer does it before it writes.
void announce(Queue& queue, const Queue::Batch& batch) {
  batch.flight->plan({});
  queue.planned();
}
// Pays from 1 to 2, and has told its plan.
Queue::Batch first_in_flight(Queue& queue) {
  push(queue, pay({{1, 2}}));
  auto batch = queue.take(kSoon_us);
  announce(queue, batch);
  return batch;
}
SubmissionPtr of_request(SubmissionPtr submission) {
  submission->orders.front().reference = Uuid::reserved(200);
  return submission;
}
SubmissionPtr of_hold(SubmissionPtr submission) {
  submission->orders.front().kind = EntryKind::capture;
  return submission;
}
SubmissionPtr refund(SubmissionPtr submission) {
  submission->orders.front().kind = EntryKind::refund;
  return submission;
}

TEST(Queue, AFullBatchIsTakenAheadOnceAllInFlightArePlanned) {
  Queue queue(100, 3);
  push(queue, pay({{1, 2}}));
  const auto first = queue.take(kSoon_us);
  EXPECT_TRUE(first.basis.empty());
  push(queue, pay({{1, 3}, {1, 4}}));
  EXPECT_FALSE(queue.has_full_batch());
  announce(queue, first);
  EXPECT_EQ(content(queue.take(kSoon_us)), "") << "not full: waiting makes it larger";
  push(queue, pay({{1, 5}}));
  push(queue, pay({{1, 6}}));
  EXPECT_TRUE(queue.has_full_batch());
  const auto second = queue.take(kSoon_us);
  EXPECT_EQ(content(second), "1-3 1-5");
  EXPECT_EQ(second.basis, Flights{first.flight});

  for (int i = 0; i < 3; ++i) push(queue, pay({{1, 7 + i}}));
  EXPECT_EQ(content(queue.take(kSoon_us)), "") << "nobody knows yet what the second one leaves";
  announce(queue, second);
  const auto third = queue.take(kSoon_us);
  EXPECT_EQ(content(third), "1-6 1-7 1-8");
  EXPECT_EQ(third.basis, (Flights{first.flight, second.flight}));
  EXPECT_EQ(queue.depth(), 1U);
}

TEST(Queue, NothingIsTakenAheadOnAPlanThatWasDropped) {
  Queue queue(100, 1);
  const auto first = first_in_flight(queue);
  first.flight->become(Flight::State::dropped);
  push(queue, pay({{1, 3}}));
  EXPECT_EQ(content(queue.take(kSoon_us)), "");
  queue.release(first);
  EXPECT_EQ(content(queue.take(kSoon_us)), "1-3");
}

TEST(Queue, AnAccountIsHeldUntilTheLastBatchThatHasItIsReleased) {
  Queue queue(100, 1);
  const auto first = first_in_flight(queue);
  push(queue, pay({{1, 3}}));
  const auto second = queue.take(kSoon_us);
  push(queue, pay({{1, 4}}));
  queue.release(first);
  EXPECT_EQ(content(queue.take(kSoon_us)), "") << "the second one has 1, and is not planned";
  queue.release(second);
  const auto third = queue.take(kSoon_us);
  EXPECT_EQ(content(third), "1-4");
  EXPECT_TRUE(third.basis.empty());
}

TEST(Queue, WhatIsFreeIsTakenBeforeAnythingIsTakenAhead) {
  Queue queue(100, 2);
  const auto first = first_in_flight(queue);
  push(queue, pay({{1, 3}, {1, 4}}));
  push(queue, pay({{5, 6}}));
  const auto second = queue.take(kSoon_us);
  EXPECT_EQ(content(second), "5-6");
  EXPECT_TRUE(second.basis.empty());
}

TEST(Queue, WhatHasToReadUnderLockIsNotTakenAhead) {
  for (auto* kind : {&with_prelude, &refund, &of_request, &of_hold}) {
    Queue queue(100, 2);
    const auto first = first_in_flight(queue);
    push(queue, (*kind)(pay({{1, 3}})));
    push(queue, pay({{1, 4}}));
    push(queue, pay({{1, 5}}));
    EXPECT_EQ(content(queue.take(kSoon_us)), "");
    queue.release(first);
    EXPECT_TRUE(content(queue.take(kSoon_us)).starts_with("1-3"));
  }
}

TEST(Queue, AFullBatchWakesWhoeverMayTakeItAhead) {
  for (const bool is_planned_first : {true, false}) {
    Queue queue(100, 2);
    push(queue, pay({{1, 2}}));
    const auto first = queue.take(kSoon_us);
    if (is_planned_first) announce(queue, first);
    std::jthread later([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      push(queue, pay({{1, 3}}));
      push(queue, pay({{1, 4}}));
      if (!is_planned_first) announce(queue, first);
    });
    EXPECT_EQ(content(queue.take(kLong_us)), "1-3 1-4");
  }
}

TEST(Queue, APreludeRunsAlone) {
  Queue queue(100, 10);
  push(queue, pay({{1, 2}}));
  push(queue, with_prelude(pay({{3, 4}})));
  push(queue, pay({{5, 6}}));
  const auto first = queue.take(kSoon_us);
  EXPECT_EQ(content(first), "1-2");
  const auto second = queue.take(kSoon_us);
  EXPECT_EQ(content(second), "3-4");
  EXPECT_EQ(content(queue.take(kSoon_us)), "5-6");
  queue.release(second);
  push(queue, with_prelude(pay({{3, 4}})));
  push(queue, pay({{7, 8}}));
  EXPECT_EQ(content(queue.take(kSoon_us)), "3-4");
}

TEST(Queue, WhatIsFarBehindABlockedCrowdIsFoundOrWaitsButNeverSpins) {
  Queue queue(10'000, 10);
  push(queue, pay({{1, 2}}));
  const auto first = queue.take(kSoon_us);
  for (int i = 0; i < 1'000; ++i) push(queue, pay({{1, 3 + i % 50}}));
  push(queue, pay({{100, 101}}));
  const std::int64_t begun = monotonic_us();
  const auto batch = queue.take(50'000);
  if (batch.submissions.empty()) {
    EXPECT_GE(monotonic_us() - begun, 49'000) << "an empty hand at once makes the committer spin";
  }
  queue.release(first);
  EXPECT_EQ(queue.take(kSoon_us).submissions.size(), 10U);
}

TEST(Queue, WaitsForWork) {
  Queue queue(100, 10);
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    push(queue, pay({{1, 2}}));
  });
  EXPECT_EQ(content(queue.take(kLong_us)), "1-2");
}

TEST(Queue, ReleaseWakesWhoeverWaitsForIt) {
  Queue queue(100, 10);
  push(queue, pay({{1, 2}}));
  const auto first = queue.take(kSoon_us);
  push(queue, pay({{2, 1}}));
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    queue.release(first);
  });
  EXPECT_EQ(content(queue.take(kLong_us)), "2-1");
}

TEST(Queue, TakesOutWhatIsPastItsDeadline) {
  Queue queue(3, 10);
  push(queue, pay({{1, 2}}, 100));
  push(queue, pay({{3, 4}}, 200));
  push(queue, pay({{5, 6}}, 300));
  const auto expired = queue.take_expired(200);
  ASSERT_EQ(expired.size(), 2U);
  EXPECT_EQ(queue.depth(), 1U);
  EXPECT_TRUE(push(queue, pay({{7, 8}})));
  EXPECT_EQ(content(queue.take(kSoon_us)), "5-6 7-8");
}

TEST(Queue, ClosesAfterWhatIsInside) {
  Queue queue(100, 10);
  push(queue, pay({{1, 2}}));
  EXPECT_FALSE(queue.closed());
  queue.close();
  EXPECT_TRUE(queue.closed());
  EXPECT_FALSE(push(queue, pay({{3, 4}})));
  EXPECT_FALSE(queue.drained());
  const auto last = queue.take(kSoon_us);
  EXPECT_EQ(content(last), "1-2");
  EXPECT_FALSE(queue.drained()) << "still in flight";
  queue.release(last);
  EXPECT_TRUE(queue.drained());
  EXPECT_TRUE(queue.take(kLong_us).submissions.empty()) << "returns at once";
}

TEST(Queue, ManyThreadsLoseNothing) {
  constexpr int kEach = 2'000;
  Queue queue(100'000, 50);
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) push(queue, pay({{t * 20 + i % 20 + 1, 200 + i % 7}}));
      });
    for (int t = 0; t < 2; ++t)
      threads.emplace_back([&] {
        while (taken < 3 * kEach) {
          const auto batch = queue.take(kSoon_us);
          if (batch.submissions.empty()) continue;
          taken += static_cast<int>(batch.submissions.size());
          queue.release(batch);
        }
      });
  }
  EXPECT_EQ(taken, 3 * kEach);
  EXPECT_EQ(queue.depth(), 0U);
}

}  // namespace
}  // namespace instapay::ledger
