#include <gtest/gtest.h>

#include "ledger/proof/leaf.h"
#include "ledger/proof/merkle.h"
#include "ledger_planning.h"

namespace instapay::ledger::testing {
namespace {

TEST(PlanBatch, OneByOneInTheirOrder) {
  // B can pay only after A has paid; C never can.
  const auto orders = all(ask({pay(kA, kB, 60)}), ask({pay(kB, kC, 50)}), ask({pay(kC, kA, 51)}),
                          ask({pay(kA, kC, 40)}));
  const Plan plan = plan_of(orders, known({{kA, 100}, {kB, 0}, {kC, 0}}));
  EXPECT_EQ(words(plan), (Words{"ok", "ok", "insufficient_funds", "ok"}));
  EXPECT_EQ(plan.outcomes[2][0].error().available, Amount{50});
  ASSERT_EQ(plan.transfers.size(), 3U);
  for (std::size_t i = 0; i < plan.transfers.size(); ++i) {
    EXPECT_EQ(plan.transfers[i].place, (Place{7, 3, static_cast<std::int32_t>(i)}));
    EXPECT_EQ(plan.leaves[i], leaf_hash(plan.transfers[i], kCurrency, kPosition.secret));
  }
  EXPECT_EQ(ids_of(plan.changed), (Ids{kA, kB, kC}));
  EXPECT_EQ(balance_in(plan.changed, kA), 0);
  EXPECT_EQ(balance_in(plan.changed, kB), 10);
  EXPECT_EQ(balance_in(plan.changed, kC), 90);
  for (const Account& account : plan.changed) EXPECT_EQ(account.seq, Seq{42});
  EXPECT_TRUE(plan.relied_on.empty());
  EXPECT_TRUE(plan.settings.empty());
  EXPECT_TRUE(plan.keys.empty());
  EXPECT_EQ(plan.row.transfer_count, 3);
  EXPECT_EQ(plan.row.merkle_root, merkle_root(plan.leaves));
  EXPECT_EQ(plan.row.prev_hash, kPosition.prev_hash);
  EXPECT_EQ(plan.row.secret, kPosition.secret);
  EXPECT_EQ(plan.row.committed, kNow);
  EXPECT_FALSE(plan.row.is_void);
  // What is answered is what is written.
  EXPECT_EQ(leaf_hash(*plan.outcomes[3][0], kCurrency, kPosition.secret), plan.leaves[2]);
}

TEST(PlanBatch, NumbersTheEntriesOfEachAccount) {
  const Plan plan = plan_of(all(ask({pay(kA, kB, 1), pay(kA, kC, 1), pay(kB, kA, 1)})),
                            known({{kA, 100}, {kB, 0}, {kC, 0}}));
  std::vector<std::pair<std::int64_t, std::int64_t>> seqs;
  for (const Transfer& t : plan.transfers)
    seqs.emplace_back(t.payer_side.seq.value, t.payee_side.seq.value);
  EXPECT_EQ(seqs,
            (std::vector<std::pair<std::int64_t, std::int64_t>>{{41, 41}, {42, 41}, {42, 43}}));
}

TEST(PlanBatch, RefusalsAloneWriteNothingAndSayWhatTheyRelyOn) {
  const Plan plan = plan_of(all(ask({pay(kA, kB, 60)}), ask({pay(kA, kC, 1)})),
                            known({{kA, 0}, {kB, 0}, {kC, 0}}));
  EXPECT_TRUE(plan.empty());
  EXPECT_TRUE(plan.changed.empty());
  EXPECT_EQ(ids_of(plan.relied_on), (Ids{kA, kB, kC}));
  EXPECT_FALSE(plan.refused_a_key);
  EXPECT_TRUE(plan_of(all(ask({pay(kA, kB, 60)}, 1)), known({{kA, 0}, {kB, 0}})).refused_a_key);
}

TEST(PlanBatch, SaysWhoIsRefusedForAnAddressThatIsNotVerified) {
  Known k = known({{kA, 100}, {kB, 100}, {kC, 0}});
  k.accounts.at(kA).unverified = true;
  k.accounts.at(kC).unverified = true;  // a payee: of no interest
  Limits limits;
  limits.unverified_per_day = Amount{30};
  const auto orders = all(ask({pay(kA, kC, 30)}), ask({pay(kA, kC, 1)}), ask({pay(kB, kC, 31)}));
  const Plan plan = plan_of(orders, k, limits);
  EXPECT_EQ(words(plan), (Words{"ok", "unverified_limit_exceeded", "ok"}));
  EXPECT_EQ(plan.refused_unverified, Ids{kA});
  EXPECT_TRUE(plan_of(orders, k).refused_unverified.empty()) << "no such limit";
}

TEST(PlanBatch, WhatIsWrittenNeedsNoSecondLook) {
  const Plan plan = plan_of(all(ask({pay(kA, kB, 60)}), ask({pay(kA, kC, 41)})),
                            known({{kA, 100}, {kB, 0}, {kC, 0}}));
  EXPECT_EQ(ids_of(plan.changed), (Ids{kA, kB}));
  EXPECT_EQ(ids_of(plan.relied_on), Ids{kC});
  EXPECT_EQ(plan.relied_on[0].seq, Seq{40});
}

TEST(PlanBatch, WhoeverIsNotThereIsNotFound) {
  EXPECT_EQ(words(plan_of(all(ask({pay(kA, kB, 1)}), ask({pay(kB, kA, 1)})), known({{kA, 5}}))),
            (Words{"payee_not_found", "user_not_found"}));
}

TEST(PlanBatch, WhatWasFoundOutBeforeIsTheAnswer) {
  const Plan plan = plan_of(all(ask({to_nobody(kA)}), ask({pay(kA, kB, 1), to_nobody(kA)})),
                            known({{kA, 5}, {kB, 0}}));
  EXPECT_EQ(words(plan), (Words{"payee_not_found", "ok", "payee_not_found"}));
  EXPECT_TRUE(plan.relied_on.empty());
  EXPECT_EQ(ids_of(plan_of(all(ask({to_nobody(kA)})), known({{kA, 5}})).relied_on), Ids{kA});
}

TEST(PlanBatch, KeysInsideTheBatch) {
  const Plan plan =
      plan_of(all(ask({pay(kA, kB, 10)}, 1), ask({pay(kA, kB, 10)}, 1),
                  ask({pay(kA, kB, 11)}, 1, 2), ask({pay(kB, kA, 10)}, 1),
                  ask({pay(kA, kB, 10)}, 2), ask({pay(kA, kB, 10)}), ask({pay(kA, kB, 10)})),
              known({{kA, 100}, {kB, 100}}));
  EXPECT_EQ(words(plan), (Words{"ok", "replay", "idempotency_key_reused", "ok", "ok", "ok", "ok"}));
  EXPECT_EQ(plan.transfers.size(), 5U);
  EXPECT_TRUE(plan.replayed);
  EXPECT_FALSE(plan.refused_a_key);
  EXPECT_EQ(plan.outcomes[1][0]->id, plan.outcomes[0][0]->id);
  EXPECT_EQ(leaf_hash(*plan.outcomes[1][0], kCurrency, kPosition.secret), plan.leaves[0]);
  ASSERT_EQ(plan.keys.size(), 3U);
  EXPECT_EQ(plan.keys[1].key, key_of(kB.uuid, 1));
  EXPECT_EQ(plan.keys[1].first, 1U);
  EXPECT_EQ(plan.keys[1].count, 1U);
}

TEST(PlanBatch, AKeyStandsWithTheFirstTransferOfItsRequest) {
  const Plan plan =
      plan_of(all(ask({pay(kA, kB, 1)}),
                  ask({pay(kA, kB, 500), pay(kA, kB, 2), to_nobody(kA), pay(kA, kC, 3)}, 1)),
              known({{kA, 100}, {kB, 0}, {kC, 0}}));
  EXPECT_EQ(words(plan), (Words{"ok", "insufficient_funds", "ok", "payee_not_found", "ok"}));
  ASSERT_EQ(plan.transfers.size(), 3U);
  EXPECT_FALSE(plan.transfers[0].key);
  EXPECT_EQ(plan.transfers[1].key, key_of(kA.uuid, 1));
  EXPECT_EQ(plan.transfers[1].refused_items, "0:insufficient_funds:99:0:0;2:payee_not_found:0:0:0");
  EXPECT_FALSE(plan.transfers[2].key);
  EXPECT_EQ(plan.transfers[2].refused_items, "");
  ASSERT_EQ(plan.keys.size(), 1U);
  EXPECT_EQ(plan.keys[0].first, 1U);
  EXPECT_EQ(plan.keys[0].count, 2U);
}

TEST(PlanBatch, APartlyRefusedRequestIsAnsweredAgainItemByItem) {
  const auto request = [](std::int64_t first) {
    return std::vector{pay(kA, kB, first), pay(kA, kB, 2), to_nobody(kA), pay(kA, kB, 3)};
  };
  // The second time there is enough for the first, and the third exists: nothing changes by that.
  auto again = request(500);
  again[2] = pay(kA, kB, 1);
  const Plan plan = plan_of(
      all(ask(request(500), 1), ask({pay(kB, kA, 90)}), ask(again, 1), ask(request(500), 1, 2)),
      known({{kA, 450}, {kB, 100}}));
  EXPECT_EQ(words(plan),
            (Words{"insufficient_funds", "ok", "payee_not_found", "ok", "ok", "insufficient_funds",
                   "replay", "payee_not_found", "replay", "idempotency_key_reused",
                   "idempotency_key_reused", "idempotency_key_reused", "idempotency_key_reused"}));
  for (const std::size_t k : {0U, 2U})
    EXPECT_EQ(plan.outcomes[2][k].error(), plan.outcomes[0][k].error());
  for (const std::size_t k : {1U, 3U}) EXPECT_EQ(plan.outcomes[2][k]->id, plan.outcomes[0][k]->id);
  EXPECT_EQ(plan.transfers.size(), 3U);
}

FirstAnswer first_answer() {
  Transfer one, two, of_another;
  one.id = Uuid::reserved(98);
  one.place = {2, 5, 0};
  two.id = Uuid::reserved(99);
  of_another.id = Uuid::reserved(97);
  return {Hash128{1}, {one, two, of_another}, "1:sender_frozen:0:0:0"};
}

TEST(PlanBatch, KeysOfTheDatabaseReplayTheFirstAnswer) {
  Known k = known({{kA, 0}, {kB, 0}});
  k.keys.emplace(OwnedKey{kA.uuid, Hash128{1}}, first_answer());
  const std::vector orders{pay(kA, kB, 10), pay(kA, kB, 10), pay(kA, kB, 10)};
  const Plan plan = plan_of(all(ask(orders, 1), ask(orders, 1, 2)), std::move(k));
  EXPECT_EQ(words(plan), (Words{"replay", "sender_frozen", "replay", "idempotency_key_reused",
                                "idempotency_key_reused", "idempotency_key_reused"}));
  EXPECT_EQ(plan.outcomes[0][0]->id, Uuid::reserved(98));
  EXPECT_EQ(plan.outcomes[0][0]->place.batch_seq, 5) << "the batch that it was in";
  EXPECT_EQ(plan.outcomes[0][2]->id, Uuid::reserved(99));
  EXPECT_TRUE(plan.replayed);
  EXPECT_TRUE(plan.relied_on.empty()) << "what happened rests on nothing that is so today";
  EXPECT_TRUE(plan.empty());
}

TEST(PlanBatch, ADamagedFirstAnswerIsNotGuessed) {
  for (const char* damaged : {"", "1:sender_frozen", "nonsense"}) {
    Known k = known({{kA, 100}, {kB, 0}});
    FirstAnswer& answer = k.keys[OwnedKey{kA.uuid, Hash128{1}}] = first_answer();
    answer.refused_items = damaged;
    answer.transfers.resize(2);
    const std::vector orders{pay(kA, kB, 10), pay(kA, kB, 10), pay(kA, kB, 10)};
    const Plan plan = plan_of(all(ask(orders, 1)), std::move(k));
    EXPECT_EQ(words(plan), Words(3, "internal_error")) << damaged;
    EXPECT_TRUE(plan.empty());
  }
}

TEST(PlanBatch, ARequestThatWasRefusedAsAWholeLeavesItsKeyFree) {
  const Plan plan = plan_of(
      all(ask({pay(kA, kB, 500)}, 1), ask({pay(kA, kB, 1)}, 1, 2), ask({pay(kA, kB, 500)}, 1)),
      known({{kA, 100}, {kB, 0}}));
  EXPECT_EQ(words(plan), (Words{"insufficient_funds", "ok", "idempotency_key_reused"}));
  EXPECT_TRUE(plan.refused_a_key);
}

TEST(PlanBatch, TheKeyOfWhoeverOrdersItStandsOnThePayersSide) {
  Order order = pay(kA, kB, 1);
  order.actor = kOperator;
  const Plan plan = plan_of(all(ask({order}, key_of(kOperator, 1)), ask({pay(kA, kB, 1)}, 1),
                                ask({order}, key_of(kOperator, 1))),
                            known({{kA, 100}, {kB, 0}}));
  EXPECT_EQ(words(plan), (Words{"ok", "ok", "replay"}));
  EXPECT_EQ(plan.transfers[0].key->principal, kOperator);
  EXPECT_EQ(plan.transfers[1].key->principal, kA.uuid);
}

TEST(PlanBatch, AtomicMeansAllOrNone) {
  const Plan plan = plan_of(all(atomic(ask({pay(kA, kB, 60), pay(kB, kC, 60), pay(kA, kC, 41)})),
                                ask({pay(kA, kC, 100)})),
                            known({{kA, 100}, {kB, 0}, {kC, 0}}));
  EXPECT_EQ(words(plan), (Words{"batch_rejected", "batch_rejected", "insufficient_funds", "ok"}));
  ASSERT_EQ(plan.transfers.size(), 1U);
  EXPECT_EQ(plan.transfers[0].place.position, 0);
  EXPECT_EQ(plan.transfers[0].payer_side, (Side{{41}, {0}, {}, {}, {100}}));
  EXPECT_EQ(balance_in(plan.changed, kA), 0);
  EXPECT_EQ(balance_in(plan.changed, kC), 100);
  EXPECT_EQ(balance_in(plan.changed, kB), -1);
}

TEST(PlanBatch, WhatAtomicTookBackLeavesNoTrace) {
  // Its key is free again, its day's total, its numbers and what it held are as before.
  Order hold = pay(kA, kB, 5);
  hold.kind = EntryKind::hold;
  hold.expires = Time{kNow.us + 1};
  const Plan plan = plan_of(
      all(atomic(ask({hold, pay(kA, kB, 40), pay(kA, kB, 60)}, 1)), ask({pay(kA, kB, 50)}, 1, 2)),
      known({{kA, 100}, {kB, 0}}), Limits{{}, {50}});
  EXPECT_EQ(words(plan), (Words{"batch_rejected", "batch_rejected", "daily_limit_exceeded", "ok"}));
  EXPECT_EQ(plan.transfers.at(0).payer_side, (Side{{41}, {50}, {}, {}, {50}}));
}

TEST(PlanBatch, AReplayStaysInABatchBesideARejectedAtomicOne) {
  const Plan plan =
      plan_of(all(ask({pay(kA, kB, 60)}, 1), atomic(ask({pay(kA, kB, 1), pay(kA, kB, 60)}, 2)),
                  atomic(ask({pay(kA, kB, 60)}, 1))),
              known({{kA, 100}, {kB, 0}}));
  EXPECT_EQ(words(plan), (Words{"ok", "batch_rejected", "insufficient_funds", "replay"}));
}

TEST(PlanBatch, ControlsWriteTheSettingsThatTheyChange) {
  Order freeze{.payer = kA,
               .kind = EntryKind::control,
               .actor = kOperator,
               .control = {.status = AccountStatus::frozen}};
  Order limit = freeze;
  limit.control = {.limits = OwnLimits{Amount{5}, std::nullopt}};
  const Plan plan = plan_of(all(ask({pay(kB, kA, 1)}), ask({limit}, key_of(kOperator, 1)),
                                ask({freeze}), ask({freeze}), ask({pay(kA, kB, 1)})),
                            known({{kA, 100}, {kB, 9}}));
  EXPECT_EQ(words(plan), (Words{"ok", "ok", "ok", "ok", "sender_frozen"}));
  EXPECT_EQ(plan.transfers.size(), 3U) << "what is so already is not written again";
  EXPECT_EQ(plan.outcomes[3][0]->id, Uuid{});
  EXPECT_EQ(plan.outcomes[3][0]->place, Place{});
  EXPECT_EQ(ids_of(plan.settings), Ids{kA});
  EXPECT_EQ(plan.settings[0].status, AccountStatus::frozen);
  EXPECT_EQ(plan.settings[0].limits, (OwnLimits{Amount{5}, std::nullopt}));
  EXPECT_EQ(plan.settings[0].seq, Seq{43});
  EXPECT_EQ(ids_of(plan.changed), (Ids{kA, kB}));
  EXPECT_EQ(plan.transfers[1].key, key_of(kOperator, 1));
  EXPECT_EQ(leaf_hash(*plan.outcomes[2][0], kCurrency, kPosition.secret), plan.leaves[2]);
}

TEST(PlanBatch, AControlThatChangesNothingReliesOnThat) {
  const Order thaw{.payer = kA,
                   .kind = EntryKind::control,
                   .actor = kOperator,
                   .control = {.status = AccountStatus::active}};
  const Plan plan = plan_of(all(ask({thaw})), known({{kA, 1}}));
  EXPECT_TRUE(plan.empty());
  EXPECT_EQ(ids_of(plan.relied_on), Ids{kA});
}

TEST(PlanBatch, WhoseDayIsNotKnownIsNotGuessed) {
  Known k = known({{kA, 100}, {kB, 0}});
  k.accounts.at(kB).sent_day = {20'001};
  k.accounts.at(kB).last_entry = {kNow.us + kDay_us};
  EXPECT_EQ(words(plan_of(all(ask({pay(kA, kB, 1)}), ask({pay(kB, kA, 1)})), std::move(k))),
            (Words{"clock_skew", "clock_skew"}));
}

Known with_received(std::int64_t amount, std::int64_t refunded,
                    EntryKind kind = EntryKind::transfer) {
  Known k = known({{kA, 100}, {kB, 100}});
  k.refundables.emplace(RefundKey{kB, Uuid::reserved(77)},
                        Refundable{kA, Amount{amount}, Amount{refunded}, kind});
  return k;
}
Order give_back(std::int64_t amount, const AccountId& to = kA) {
  Order order = pay(kB, to, amount);
  order.kind = EntryKind::refund;
  order.refund_of = Uuid::reserved(77);
  return order;
}

TEST(PlanBatch, RefundsAreBounded) {
  const Plan plan = plan_of(all(ask({give_back(30)}), ask({give_back(21)}), ask({give_back(20)}),
                                ask({give_back(1)}), ask({give_back(kAllThatRemains.minor)})),
                            with_received(60, 10));
  EXPECT_EQ(words(plan), (Words{"ok", "refund_exceeds_transfer", "ok", "refund_exceeds_transfer",
                                "refund_exceeds_transfer"}));
  EXPECT_EQ(plan.outcomes[1][0].error().available, Amount{20});
  EXPECT_EQ(plan.outcomes[1][0].error().limit, Amount{60});
  EXPECT_EQ(plan.transfers.size(), 2U);
}

TEST(PlanBatch, RefundsOfAllThatRemains) {
  const Plan plan = plan_of(all(ask({give_back(kAllThatRemains.minor)})), with_received(60, 10));
  EXPECT_EQ(words(plan), Words{"ok"});
  EXPECT_EQ(plan.transfers.at(0).amount, Amount{50});
}

TEST(PlanBatch, RefundsGoBackToWhoPaid) {
  EXPECT_EQ(words(plan_of(all(ask({give_back(1)})), known({{kA, 1}, {kB, 1}}))),
            (Words{"transaction_not_found"}));
  EXPECT_EQ(words(plan_of(all(ask({give_back(1)})), with_received(60, 0, EntryKind::refund))),
            (Words{"not_refundable"}));
  Known other = with_received(60, 0);
  other.accounts.emplace(kC, Account{.id = kC});
  EXPECT_EQ(words(plan_of(all(ask({give_back(1, kC)})), std::move(other))),
            (Words{"not_refundable"}));
}

TEST(PlanBatch, AnUndoneRefundCanBeAskedAgain) {
  EXPECT_EQ(words(plan_of(all(atomic(ask({give_back(50), give_back(50)})), ask({give_back(60)})),
                          with_received(60, 0))),
            (Words{"batch_rejected", "refund_exceeds_transfer", "ok"}));
}

TEST(PlanBatch, ARequestIsPaidOnceInABatch) {
  const Uuid once = Uuid::v7(kNow.us), many = Uuid::v8(kNow.us);
  const auto settle = [](const AccountId& payer, const Uuid& request) {
    Order order = pay(payer, kC, 10);
    order.reference = request;
    return order;
  };
  Known k = known({{kA, 100}, {kB, 100}, {kC, 0}});
  k.payables.emplace(once, Payable{.payee = kC});
  k.payables.emplace(many, Payable{.payee = kC});
  const Plan plan = plan_of(
      all(ask({settle(kA, many)}), ask({settle(kA, once)}), ask({settle(kB, once)}),
          ask({settle(kB, many)}), ask({settle(kB, Uuid::v7(kNow.us + 1))}), ask({pay(kB, kC, 1)})),
      std::move(k));
  EXPECT_EQ(words(plan),
            (Words{"ok", "ok", "request_already_paid", "ok", "request_not_found", "ok"}));
  EXPECT_EQ(plan.transfers[1].reference, once);
  EXPECT_EQ(balance_in(plan.changed, kC), 31);
}

TEST(PlanBatch, ARequestWhosePaymentWasTakenBackCanBePaid) {
  const Uuid once = Uuid::v7(kNow.us);
  Order first = pay(kA, kC, 10), too_much = pay(kA, kC, 1'000), second = pay(kB, kC, 10);
  first.reference = second.reference = once;
  Known k = known({{kA, 100}, {kB, 100}, {kC, 0}});
  k.payables.emplace(once, Payable{.payee = kC, .amount = Amount{10}});
  const Plan plan = plan_of(all(atomic(ask({first, too_much})), ask({second})), std::move(k));
  EXPECT_EQ(words(plan), (Words{"batch_rejected", "insufficient_funds", "ok"}));
}

TEST(PlanBatch, ASubmissionMayBringItsOwnClock) {
  auto orders = all(ask({pay(kA, kB, 1)}), ask({pay(kA, kB, 1)}));
  orders[0]->now = Time{kNow.us - kDay_us};
  const Plan plan = plan_of(orders, known({{kA, 100}, {kB, 0}}));
  EXPECT_EQ(plan.transfers[0].created, Time{kNow.us - kDay_us});
  EXPECT_EQ(plan.transfers[1].created, kNow);
}

TEST(PlanBatch, WithoutRoomOnlyAnswersFromKeysAndControlsAreLeft) {
  const Order freeze{.payer = kB,
                     .kind = EntryKind::control,
                     .actor = kOperator,
                     .control = {.status = AccountStatus::frozen}};
  const auto orders = all(ask({pay(kA, kB, 1)}), ask({pay(kA, kB, 2)}, 5), ask({pay(kA, kB, 3)}, 6),
                          atomic(ask({pay(kA, kB, 4), pay(kB, kC, 1)})), ask({freeze}));
  Known k = known({{kA, 100}, {kB, 100}, {kC, 100}});
  Transfer before{.id = Uuid::reserved(77), .payer = kA, .payee = kB, .amount = {2}};
  before.key = key_of(kA.uuid, 5);
  k.keys.emplace(owned(*before.key), FirstAnswer{before.key->request, {before}, {}});
  const Plan plan = plan_batch(orders, std::move(k), {.currency = kCurrency, .storage_low = true},
                               kPosition, kNow);
  EXPECT_EQ(words(plan),
            (Words{"storage_low", "replay", "storage_low", "storage_low", "storage_low", "ok"}));
  // Of the request under key 6 nobody knows yet whether it happened before: it is looked up.
  EXPECT_TRUE(plan.refused_a_key);
  ASSERT_EQ(plan.transfers.size(), 1u);
  EXPECT_EQ(plan.transfers.front().kind, EntryKind::control);
  EXPECT_EQ(ids_of(plan.changed), Ids{kB});
}

TEST(PlanBatch, NothingIsAnEmptyPlan) {
  const Plan plan = plan_of({}, {});
  EXPECT_TRUE(plan.empty());
  EXPECT_TRUE(plan.outcomes.empty());
}

}  // namespace
}  // namespace instapay::ledger::testing
