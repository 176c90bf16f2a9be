// Plans with holds, their captures and releases.
#include <gtest/gtest.h>

#include "ledger_planning.h"

namespace instapay::ledger::testing {
namespace {

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
}  // namespace instapay::ledger::testing
