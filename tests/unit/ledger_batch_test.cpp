#include <gtest/gtest.h>

#include "core/time.h"
#include "ledger/batch.h"

namespace instapay::ledger {
namespace {

constexpr Uuid kA = Uuid::reserved(10), kB = Uuid::reserved(11), kC = Uuid::reserved(12);
constexpr std::int64_t kNow_us = 20'000 * kDay_us;
const Position kPosition{7, 3, sha256("previous"), sha256("secret")};

Known known(std::initializer_list<std::pair<Uuid, std::int64_t>> balances) {
  Known k;
  for (const auto& [id, balance] : balances)
    k.accounts.emplace(id, Account{.id = id, .balance_minor = balance, .version = 40});
  return k;
}

Order pay(const Uuid& payer, const Uuid& payee, std::int64_t amount, int key = 0, int hash = 1) {
  Order order{.payer = payer, .payee = payee, .amount_minor = amount};
  if (key != 0) order.key = Hash128{static_cast<std::uint8_t>(key)};
  order.request_hash = Hash128{static_cast<std::uint8_t>(hash)};
  return order;
}

std::vector<SubmissionPtr> submissions(std::vector<std::vector<Order>> lists, bool atomic = false) {
  std::vector<SubmissionPtr> all;
  for (auto& orders : lists) {
    all.push_back(std::make_unique<Submission>());
    all.back()->orders = std::move(orders);
    all.back()->atomic = atomic;
  }
  return all;
}

Plan plan_of(const std::vector<SubmissionPtr>& all, Known k, const Limits& limits = {}) {
  return plan_batch(all, std::move(k), limits, kPosition, kNow_us);
}

std::int64_t balance_in(const std::vector<Account>& accounts, const Uuid& id) {
  const auto found = std::ranges::find(accounts, id, &Account::id);
  return found == accounts.end() ? -1 : found->balance_minor;
}

// "ok", "replay" or the refusal's code.
std::string word(const Outcome& outcome) {
  if (!outcome) return std::string(info(outcome.error().code).name);
  return outcome->replayed ? "replay" : "ok";
}
std::vector<std::string> words(const Plan& plan) {
  std::vector<std::string> all;
  for (const auto& outcomes : plan.outcomes)
    for (const auto& outcome : outcomes) all.push_back(word(outcome));
  return all;
}
using Words = std::vector<std::string>;

TEST(PlanBatch, OneByOneInTheirOrder) {
  // B can pay only after A has paid; C never can.
  const auto all =
      submissions({{pay(kA, kB, 60)}, {pay(kB, kC, 50)}, {pay(kC, kA, 51)}, {pay(kA, kC, 40)}});
  const Plan plan = plan_of(all, known({{kA, 100}, {kB, 0}, {kC, 0}}));
  EXPECT_EQ(words(plan), (Words{"ok", "ok", "insufficient_funds", "ok"}));
  EXPECT_EQ(plan.outcomes[2][0].error().available_minor, 50);
  ASSERT_EQ(plan.transfers.size(), 3U);
  for (std::size_t i = 0; i < plan.transfers.size(); ++i) {
    EXPECT_EQ(plan.transfers[i].position, static_cast<std::int32_t>(i));
    EXPECT_EQ(plan.transfers[i].chain_id, 7);
    EXPECT_EQ(plan.transfers[i].batch_seq, 3);
    EXPECT_EQ(plan.leaves[i], leaf_hash(plan.transfers[i], kPosition.secret));
    if (i > 0) {
      EXPECT_GT(plan.transfers[i].created_us, plan.transfers[i - 1].created_us);
    }
  }
  ASSERT_EQ(plan.changed.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(plan.changed, {}, &Account::id));
  EXPECT_EQ(balance_in(plan.changed, kA), 0);
  EXPECT_EQ(balance_in(plan.changed, kB), 10);
  EXPECT_EQ(balance_in(plan.changed, kC), 90);
  EXPECT_TRUE(plan.relied_on.empty());
  for (const Account& account : plan.changed) EXPECT_EQ(account.version, 40);
  EXPECT_EQ(plan.row.transfer_count, 3);
  EXPECT_EQ(plan.row.merkle_root, merkle_root(plan.leaves));
  EXPECT_EQ(plan.row.prev_hash, kPosition.prev_hash);
  EXPECT_EQ(plan.row.secret, kPosition.secret);
  EXPECT_FALSE(plan.row.is_void);
  // What is answered is what is written.
  EXPECT_EQ(leaf_hash(*plan.outcomes[3][0], kPosition.secret), plan.leaves[2]);
}

TEST(PlanBatch, RefusalsAloneWriteNothingAndSayWhatTheyRelyOn) {
  const auto all = submissions({{pay(kA, kB, 60)}, {pay(kA, kC, 1)}});
  const Plan plan = plan_of(all, known({{kA, 0}, {kB, 0}, {kC, 0}}));
  EXPECT_TRUE(plan.empty());
  EXPECT_TRUE(plan.changed.empty());
  ASSERT_EQ(plan.relied_on.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(plan.relied_on, {}, &Account::id));
  EXPECT_FALSE(plan.refused_a_key);
  EXPECT_TRUE(
      plan_of(submissions({{pay(kA, kB, 60, 1)}}), known({{kA, 0}, {kB, 0}})).refused_a_key);
}

TEST(PlanBatch, WhoeverIsNotThereIsNotFound) {
  const auto all = submissions({{pay(kA, kB, 1)}, {pay(kB, kA, 1)}});
  EXPECT_EQ(words(plan_of(all, known({{kA, 5}}))), (Words{"payee_not_found", "user_not_found"}));
}

TEST(PlanBatch, KeysInsideTheBatch) {
  const auto all = submissions({{pay(kA, kB, 10, 1)},
                                {pay(kA, kB, 10, 1)},
                                {pay(kA, kB, 11, 1, 2)},
                                {pay(kB, kA, 10, 1)},
                                {pay(kA, kB, 10, 2)},
                                {pay(kA, kB, 10)},
                                {pay(kA, kB, 10)}});
  const Plan plan = plan_of(all, known({{kA, 100}, {kB, 100}}));
  EXPECT_EQ(words(plan), (Words{"ok", "replay", "idempotency_key_reused", "ok", "ok", "ok", "ok"}));
  EXPECT_EQ(plan.transfers.size(), 5U);
  EXPECT_EQ(plan.outcomes[1][0]->id, plan.outcomes[0][0]->id);
  EXPECT_EQ(leaf_hash(*plan.outcomes[1][0], kPosition.secret),
            leaf_hash(*plan.outcomes[0][0], kPosition.secret));
}

TEST(PlanBatch, KeysOfTheDatabaseReplayTheFirstAnswer) {
  Known k = known({{kA, 0}, {kB, 0}});
  Transfer first;
  first.id = Uuid::reserved(99);
  first.request_hash = Hash128{1};
  first.chain_id = 2;
  first.batch_seq = 5;
  k.keys.emplace(KeyOfPayer{kA, Hash128{1}}, first);
  const auto all = submissions({{pay(kA, kB, 10, 1)}, {pay(kA, kB, 10, 1, 2)}});
  const Plan plan = plan_of(all, std::move(k));
  EXPECT_EQ(words(plan), (Words{"replay", "idempotency_key_reused"}));
  EXPECT_EQ(plan.outcomes[0][0]->id, first.id);
  EXPECT_EQ(plan.outcomes[0][0]->batch_seq, 5) << "the batch that it was in";
  EXPECT_TRUE(plan.empty());
}

TEST(PlanBatch, AKeyOfAnotherPayloadRefusesTheWholeSubmission) {
  Known k = known({{kA, 100}, {kB, 0}});
  Transfer first;
  first.request_hash = Hash128{9};
  first.batch_seq = 1;
  k.keys.emplace(KeyOfPayer{kA, Hash128{2}}, first);
  const auto all = submissions({{pay(kA, kB, 10, 1), pay(kA, kB, 10, 2), pay(kA, kB, 10, 3)}});
  const Plan plan = plan_of(all, std::move(k));
  EXPECT_EQ(words(plan), (Words(3, "idempotency_key_reused")));
  EXPECT_TRUE(plan.empty());
}

TEST(PlanBatch, AtomicMeansAllOrNone) {
  auto all = submissions({{pay(kA, kB, 60), pay(kB, kC, 60), pay(kA, kC, 41)}}, true);
  all.push_back(std::move(submissions({{pay(kA, kC, 100)}})[0]));
  const Plan plan = plan_of(all, known({{kA, 100}, {kB, 0}, {kC, 0}}));
  EXPECT_EQ(words(plan), (Words{"batch_rejected", "batch_rejected", "insufficient_funds", "ok"}));
  ASSERT_EQ(plan.transfers.size(), 1U);
  EXPECT_EQ(plan.transfers[0].position, 0);
  EXPECT_EQ(plan.transfers[0].payer_balance_minor, 0);
  EXPECT_EQ(balance_in(plan.changed, kA), 0);
  EXPECT_EQ(balance_in(plan.changed, kC), 100);
  EXPECT_EQ(balance_in(plan.changed, kB), -1);
}

TEST(PlanBatch, WhatAtomicTookBackLeavesNoTrace) {
  // Its keys are free again, its day's total and its times are as before.
  auto all = submissions({{pay(kA, kB, 60, 1), pay(kA, kB, 60, 2)}}, true);
  all.push_back(std::move(submissions({{pay(kA, kB, 50, 1, 2)}})[0]));
  const Plan plan = plan_of(all, known({{kA, 100}, {kB, 0}}), Limits{0, 50});
  EXPECT_EQ(words(plan), (Words{"daily_limit_exceeded", "daily_limit_exceeded", "ok"}));
  EXPECT_EQ(plan.transfers.at(0).created_us, kNow_us);
}

TEST(PlanBatch, AReplayOfWhatAtomicTookBackIsNoReplay) {
  const auto all =
      submissions({{pay(kA, kB, 60, 1), pay(kA, kB, 60, 1), pay(kA, kB, 60, 2)}}, true);
  const Plan plan = plan_of(all, known({{kA, 100}, {kB, 0}}));
  EXPECT_EQ(words(plan), (Words{"batch_rejected", "batch_rejected", "insufficient_funds"}));
  EXPECT_TRUE(plan.empty());
}

TEST(PlanBatch, AReplayFromBeforeStaysInARejectedAtomicBatch) {
  // The first submission's transfer happens; the atomic one that names it again does not undo it.
  auto all = submissions({{pay(kA, kB, 60, 1)}});
  all.push_back(std::move(submissions({{pay(kA, kB, 60, 1), pay(kA, kB, 60, 2)}}, true)[0]));
  const Plan plan = plan_of(all, known({{kA, 100}, {kB, 0}}));
  EXPECT_EQ(words(plan), (Words{"ok", "replay", "insufficient_funds"}));
}

TEST(PlanBatch, OneSubmissionUsingAKeyForTwoPayloadsIsRefused) {
  for (const bool atomic : {false, true}) {
    const auto all = submissions({{pay(kA, kB, 1, 1), pay(kA, kB, 2, 1, 2)}}, atomic);
    const Plan plan = plan_of(all, known({{kA, 100}, {kB, 0}}));
    EXPECT_EQ(words(plan)[1], "idempotency_key_reused");
  }
}

Known with_received(std::int64_t amount, std::int64_t refunded,
                    TransferKind kind = TransferKind::transfer) {
  Known k = known({{kA, 100}, {kB, 100}});
  k.refundables.emplace(RefundKey{kB, Uuid::reserved(77)}, Refundable{kA, amount, refunded, kind});
  return k;
}
Order give_back(std::int64_t amount, const Uuid& to = kA) {
  Order order = pay(kB, to, amount);
  order.kind = TransferKind::refund;
  order.refund_of = Uuid::reserved(77);
  return order;
}

TEST(PlanBatch, RefundsAreBounded) {
  const Plan plan =
      plan_of(submissions({{give_back(30)}, {give_back(21)}, {give_back(20)}, {give_back(1)}}),
              with_received(60, 10));
  EXPECT_EQ(words(plan), (Words{"ok", "refund_exceeds_transfer", "ok", "refund_exceeds_transfer"}));
  EXPECT_EQ(plan.outcomes[1][0].error().available_minor, 20);
  EXPECT_EQ(plan.transfers.size(), 2U);
}

TEST(PlanBatch, RefundsGoBackToWhoPaid) {
  EXPECT_EQ(words(plan_of(submissions({{give_back(1)}}), known({{kA, 1}, {kB, 1}}))),
            (Words{"transaction_not_found"}));
  EXPECT_EQ(
      words(plan_of(submissions({{give_back(1)}}), with_received(60, 0, TransferKind::refund))),
      (Words{"not_refundable"}));
  Known other = with_received(60, 0);
  other.accounts.emplace(kC, Account{.id = kC});
  EXPECT_EQ(words(plan_of(submissions({{give_back(1, kC)}}), std::move(other))),
            (Words{"not_refundable"}));
}

TEST(PlanBatch, AnUndoneRefundCanBeAskedAgain) {
  auto all = submissions({{give_back(50), give_back(50)}}, true);
  all.push_back(std::move(submissions({{give_back(60)}})[0]));
  EXPECT_EQ(words(plan_of(all, with_received(60, 0))),
            (Words{"batch_rejected", "refund_exceeds_transfer", "ok"}));
}

TEST(PlanBatch, ASubmissionMayBringItsOwnClock) {
  auto all = submissions({{pay(kA, kB, 1)}, {pay(kA, kB, 1)}});
  all[0]->now_us = kNow_us - kDay_us;
  const Plan plan = plan_of(all, known({{kA, 100}, {kB, 0}}));
  EXPECT_EQ(plan.transfers[0].created_us, kNow_us - kDay_us);
  EXPECT_EQ(plan.transfers[1].created_us, kNow_us);
}

TEST(PlanBatch, NothingIsAnEmptyPlan) {
  const Plan plan = plan_of({}, {});
  EXPECT_TRUE(plan.empty());
  EXPECT_TRUE(plan.outcomes.empty());
}

}  // namespace
}  // namespace instapay::ledger
