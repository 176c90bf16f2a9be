#include "ledger/commit/plan.h"

#include <gtest/gtest.h>

#include "core/time.h"
#include "ledger/proof/leaf.h"
#include "ledger/proof/merkle.h"

namespace instapay::ledger {
namespace {

constexpr AccountId kA{Uuid::reserved(10)}, kB{Uuid::reserved(11)}, kC{Uuid::reserved(12)};
constexpr Uuid kOperator = Uuid::reserved(9);
constexpr Time kNow{20'000 * kDay_us};
const Position kPosition{7, 3, sha256("previous"), sha256("secret")};
constexpr const char* kCurrency = "EGP";

Known known(std::initializer_list<std::pair<AccountId, std::int64_t>> balances) {
  Known k;
  for (const auto& [id, balance] : balances)
    k.accounts.emplace(id, Account{.id = id, .seq = {40}, .balance = {balance}});
  return k;
}

Order pay(const AccountId& payer, const AccountId& payee, std::int64_t amount) {
  return {.payer = payer, .payee = payee, .amount = {amount}};
}
Order to_nobody(const AccountId& payer) {
  return {.payer = payer, .amount = {1}, .refused = Code::payee_not_found};
}
RequestKey key_of(const Uuid& principal, int key, int request = 1) {
  return {principal, Hash128{static_cast<std::uint8_t>(key)},
          Hash128{static_cast<std::uint8_t>(request)}};
}

using All = std::vector<SubmissionPtr>;

// Reads like what is asked: all(ask({…}), ask({…}, key)).
SubmissionPtr ask(std::vector<Order> orders, std::optional<RequestKey> key = std::nullopt) {
  auto submission = std::make_unique<Submission>();
  submission->orders = std::move(orders);
  submission->key = key;
  return submission;
}
SubmissionPtr ask(std::vector<Order> orders, int key, int request = 1) {
  const Uuid principal = orders.front().payer.uuid;
  return ask(std::move(orders), key_of(principal, key, request));
}
SubmissionPtr atomic(SubmissionPtr submission) {
  submission->atomic = true;
  return submission;
}
template <class... Each>
All all(Each... each) {
  All list;
  (list.push_back(std::move(each)), ...);
  return list;
}

Plan plan_of(const All& submissions, Known k, const Limits& limits = {}) {
  return plan_batch(submissions, std::move(k), {limits, kCurrency}, kPosition, kNow);
}

std::int64_t balance_in(const std::vector<Account>& accounts, const AccountId& id) {
  const auto found = std::ranges::find(accounts, id, &Account::id);
  return found == accounts.end() ? -1 : found->balance.minor;
}
std::vector<AccountId> ids_of(const std::vector<Account>& accounts) {
  std::vector<AccountId> ids;
  for (const Account& account : accounts) ids.push_back(account.id);
  return ids;
}
using Ids = std::vector<AccountId>;

// "ok", "replay" or the refusal's code.
std::string word(const Outcome& outcome) {
  if (!outcome) return std::string(info(outcome.error().code).name);
  return outcome->replayed ? "replay" : "ok";
}
std::vector<std::string> words(const Plan& plan) {
  std::vector<std::string> list;
  for (const auto& outcomes : plan.outcomes)
    for (const auto& outcome : outcomes) list.push_back(word(outcome));
  return list;
}
using Words = std::vector<std::string>;

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

// ---- holds

constexpr Uuid kHold = Uuid::reserved(70);
constexpr Time kEnd{kNow.us + kDay_us};

// A holds 50 of its 100 for B.
Known with_hold(Hold hold = {.payer = kA, .payee = kB, .amount = {50}, .expires = kEnd}) {
  Known k = known({{kA, 100}, {kB, 0}, {kC, 0}});
  k.accounts.at(kA).held = hold.left();
  k.holds.emplace(kHold, hold);
  return k;
}
Order of_hold(EntryKind kind, std::int64_t amount = 0, bool final = false) {
  Order order{.payer = kA, .payee = kB, .amount = {amount}, .kind = kind, .reference = kHold};
  order.actor = kB.uuid;
  order.final = final;
  return order;
}
Order capture(std::int64_t amount = 0, bool final = false) {
  return of_hold(EntryKind::capture, amount, final);
}
Order release() { return of_hold(EntryKind::release); }
Order hold_for(AccountId payee) {
  return {.payer = kA, .payee = payee, .amount = {5}, .kind = EntryKind::hold, .expires = kEnd};
}

TEST(PlanBatch, AHoldIsForWhoCanBePaid) {
  for (const auto& [status, word] : {std::pair(AccountStatus::active, "ok"),
                                     {AccountStatus::frozen, "receiver_unavailable"},
                                     {AccountStatus::closed, "receiver_unavailable"}}) {
    Known k = known({{kA, 100}, {kB, 0}});
    k.accounts.at(kB).status = status;
    EXPECT_EQ(words(plan_of(all(ask({hold_for(kB)})), k)), Words{word});
  }
  EXPECT_EQ(words(plan_of(all(ask({hold_for(kC)})), known({{kA, 100}}))), Words{"payee_not_found"});
}

// Nothing is written of the payee, so what is remembered of it is looked at by itself.
TEST(PlanBatch, AHoldReliesOnItsPayee) {
  const Plan plan = plan_of(all(ask({hold_for(kB)})), known({{kA, 100}, {kB, 0}}));
  EXPECT_EQ(words(plan), Words{"ok"});
  EXPECT_EQ(ids_of(plan.relied_on), Ids{kB});
  const Plan paid =
      plan_of(all(ask({hold_for(kB)}), ask({pay(kA, kB, 1)})), known({{kA, 100}, {kB, 0}}));
  EXPECT_TRUE(paid.relied_on.empty()) << "its next entry says it";
}

TEST(PlanBatch, CapturesOfOneHoldSeeEachOther) {
  const Plan plan =
      plan_of(all(ask({capture(20)}), ask({capture(31)}), ask({capture(30)}), ask({capture(1)})),
              with_hold());
  EXPECT_EQ(words(plan), (Words{"ok", "capture_exceeds_hold", "ok", "hold_captured"}));
  EXPECT_EQ(plan.outcomes[1][0].error().available, Amount{30});
  EXPECT_EQ(plan.outcomes[1][0].error().limit, Amount{50});
  EXPECT_EQ(plan.transfers[1].payer_side, (Side{{42}, {50}, {}, {-30}, {}}));
  EXPECT_EQ(plan.transfers[1].actor, kB.uuid);
}

TEST(PlanBatch, TheLastCaptureFreesTheRest) {
  for (const bool all_of_it : {false, true}) {
    const Plan plan = plan_of(
        all(ask({capture(20, true)}), ask({all_of_it ? capture() : release()})), with_hold());
    EXPECT_EQ(words(plan), (Words{"ok", "hold_captured"}));
    EXPECT_EQ(plan.transfers[0].payer_side, (Side{{41}, {80}, {}, {-50}, {}}));
  }
  const Plan rest =
      plan_of(all(ask({capture(20)}), ask({capture()}), ask({release()})), with_hold());
  EXPECT_EQ(words(rest), (Words{"ok", "ok", "hold_captured"}));
  EXPECT_EQ(rest.transfers[1].amount, Amount{30});
}

// Another service made the hold; what is remembered here of its payer, with 10 of other holds, is
// older. It is refused, and so the payer's state is compared with the database and read again.
TEST(PlanBatch, AHoldMayBeNewerThanItsPayersState) {
  for (const Order& order : {capture(11), capture(5, true), capture(), release()}) {
    Known k = with_hold();
    k.accounts.at(kA).held = {10};
    const Plan plan = plan_of(all(ask({order})), std::move(k));
    EXPECT_EQ(words(plan), Words{"insufficient_funds"});
    EXPECT_EQ(ids_of(plan.relied_on), (Ids{kA, kB}));
  }
}

TEST(PlanBatch, AReleaseGivesFreeWhatIsLeft) {
  const Plan plan =
      plan_of(all(ask({capture(20)}), ask({release()}), ask({pay(kA, kC, 80)}), ask({capture(1)})),
              with_hold());
  EXPECT_EQ(words(plan), (Words{"ok", "ok", "ok", "hold_released"}));
  EXPECT_EQ(plan.transfers[1].payer_side, (Side{{42}, {80}, {}, {-30}, {}}));
}

TEST(PlanBatch, WhoMayCaptureAndReleaseAndUntilWhen) {
  const auto by = [](Order order, const Uuid& actor) {
    order.actor = actor;
    return order;
  };
  const auto said = [](const Order& order, Known k, Time expires = kEnd) {
    k.holds.at(kHold).expires = expires;
    return words(plan_of(all(ask({order})), std::move(k))).at(0);
  };
  EXPECT_EQ(said(capture(1), with_hold(), {kNow.us + 1}), "ok");
  EXPECT_EQ(said(capture(1), with_hold(), kNow), "hold_expired");
  EXPECT_EQ(said(release(), with_hold(), kNow), "ok");
  for (const Uuid& actor : {kA.uuid, kC.uuid, Uuid{}}) {
    EXPECT_EQ(said(by(capture(1), actor), with_hold()), "forbidden");
    EXPECT_EQ(said(by(release(), actor), with_hold()), "forbidden");
  }
  EXPECT_EQ(said(by(release(), {}), with_hold(), kNow), "ok") << "by itself, at its end";
  Known closed = with_hold();
  closed.accounts.at(kB).status = AccountStatus::closed;
  EXPECT_EQ(said(by(release(), {}), closed), "ok") << "or when nobody can capture it";
  EXPECT_EQ(said(capture(1), closed), "receiver_unavailable");
  for (const auto& [id, word] : {std::pair(kA, "sender_frozen"), {kB, "receiver_unavailable"}}) {
    Known frozen = with_hold();
    frozen.accounts.at(id).status = AccountStatus::frozen;
    EXPECT_EQ(said(capture(1), frozen), word);
    EXPECT_EQ(said(release(), frozen), "ok") << "freezing keeps nothing held";
  }
  Order other = capture(1);
  other.payee = kC;
  other.actor = kC.uuid;
  EXPECT_EQ(said(other, with_hold()), "hold_not_found");
  other = capture(1);
  other.reference = Uuid::reserved(71);
  EXPECT_EQ(said(other, with_hold()), "hold_not_found");
}

TEST(PlanBatch, AnAtomicRequestTakesItsCapturesBack) {
  const Plan plan =
      plan_of(all(atomic(ask({capture(20), capture(40)})), ask({capture(50)})), with_hold());
  EXPECT_EQ(words(plan), (Words{"batch_rejected", "capture_exceeds_hold", "ok"}));
}

TEST(PlanBatch, ACaptureIsAskedForUnderItsPayeesKey) {
  const RequestKey key = key_of(kB.uuid, 1);
  const Plan plan = plan_of(all(ask({capture(20)}, key), ask({capture(20)}, key)), with_hold());
  EXPECT_EQ(words(plan), (Words{"ok", "replay"}));
  EXPECT_EQ(plan.transfers.at(0).key, key);
}

TEST(PlanBatch, ACaptureCanBeRefunded) {
  Known k = with_hold();
  const Uuid captured = Uuid::reserved(72);
  k.accounts.at(kB).balance = {20};
  k.refundables.emplace(RefundKey{kB, captured},
                        Refundable{kA, Amount{20}, Amount{}, EntryKind::capture});
  Order refund{.payer = kB, .payee = kA, .amount = {20}, .kind = EntryKind::refund};
  refund.refund_of = captured;
  EXPECT_EQ(words(plan_of(all(ask({refund})), k)), Words{"ok"});
}

}  // namespace
}  // namespace instapay::ledger
