// Holds in the database: never more is captured than is left, nothing after the end, by the payee
// only, whoever writes the entries and whatever races; and that the audit knows them.
#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "ledger/proof/audit.h"
#include "pg/paid_references_fixture.h"
#include "queries/transaction.h"

namespace instapay::testing {
namespace {

constexpr auto kNotOfHold = "IP010";

class LedgerHolds : public PaidReferences {
 protected:
  Transfer hold(std::int64_t minor = 100, std::int64_t life_us = kDay_us) {
    return books_.commit({Books::hold(a_, b_, minor, life_us)}).transfers[0];
  }
  std::string row(const Transfer& held) const {
    return books_.text(
        "SELECT concat_ws(' ', status, amount, captured, captures, ended_at IS NOT NULL)"
        " FROM holds WHERE id = '" +
        held.id.to_string() + "'");
  }
  std::int64_t held() const {
    return books_.number("SELECT held FROM account_states WHERE id = '" + a_.to_string() + "'");
  }
  struct Written {
    std::int64_t amount = 0, freed = 0;
    const AccountId* actor = nullptr;
    std::string after = "interval '0'";  // now
    const AccountId* payee = nullptr;
  };
  // The entries of a capture, or, of no amount, of a release, by hand.
  std::string write(const Transfer& held, const Written& w) const {
    const std::string actor = w.actor == nullptr ? "NULL" : "'" + w.actor->to_string() + "'::uuid";
    const AccountId payee = w.payee == nullptr ? b_ : *w.payee;
    const bool captures = w.amount > 0;
    return fmt::format(
        "INSERT INTO entries (account_id, transfer_id, counterparty_id, reference, actor_id, seq, "
        "counterparty_seq, amount, balance_after, held_after, held_change, sent_today, created_at, "
        "batch_seq, chain_id, position, kind) SELECT own, gen_random_uuid(), other, '{2}', {3}, "
        "seq + 1, {4}::int, side, balance + side, held + coalesce(freed, 0), freed, 0, "
        "clock_timestamp() + {5}, 1, 1, 0, {6} FROM (VALUES ('{0}'::uuid, '{1}'::uuid, "
        "-{7}::bigint, -{8}::bigint){9}) AS v (own, other, side, freed) "
        "JOIN account_states ON id = own;",
        a_.to_string(), payee.to_string(), held.id.to_string(), actor, captures ? 1 : 0, w.after,
        captures ? 8 : 7, w.amount, w.freed,
        captures
            ? fmt::format(", ('{}', '{}', {}, NULL)", payee.to_string(), a_.to_string(), w.amount)
            : "");
  }
  // What the service's plan becomes when it is written.
  std::optional<StoreFailure::Kind> kind_of_commit(const Plan& plan) {
    const auto done = books_.mine().commit(plan);
    return done ? std::nullopt : std::optional(done.error().kind);
  }
};

TEST_F(LedgerHolds, AHoldIsMadeChangedAndEndedWithItsEntries) {
  const Transfer held = hold();
  EXPECT_EQ(row(held), "0 100 0 0 f");
  EXPECT_EQ(LedgerHolds::held(), 100);
  EXPECT_EQ(
      books_.text("SELECT concat_ws(' ', e.note, state, h.expires_at - h.created_at > interval '23 "
                  "hours') FROM holds h JOIN entries e ON e.account_id = h.payer_id AND e.seq "
                  "= h.seq CROSS JOIN LATERAL (SELECT h.status AS state) s WHERE h.id = '" +
                  held.id.to_string() + "'"),
      "deposit 0 t");
  books_.commit({Books::capture(held, 30)});
  EXPECT_EQ(row(held), "0 100 30 1 f");
  EXPECT_EQ(LedgerHolds::held(), 70);
  books_.commit({Books::capture(held, 20), Books::capture(held, 10, true)});
  EXPECT_EQ(row(held), "1 100 60 3 t");
  EXPECT_EQ(LedgerHolds::held(), 0);
  EXPECT_EQ(books_.balance(a_), 940);
  EXPECT_EQ(books_.balance(b_), 560);
  const Transfer all = hold(), none = hold();
  books_.commit({Books::capture(all), Books::release(none)});
  EXPECT_EQ(row(all), "1 100 100 1 t");
  EXPECT_EQ(row(none), "2 100 0 0 t");
  EXPECT_EQ(LedgerHolds::held(), 0);
}

TEST_F(LedgerHolds, OnlyWhatTheHoldAllows) {
  const Transfer held = hold(), other = hold();
  books_.commit({Books::capture(held, 40)});
  const auto expect = [&](const std::string& state, const Written& w, const Transfer& of) {
    for (const auto* writer : {"user", "transaction", ""})
      EXPECT_EQ(state_of(write(of, w), writer), state)
          << writer << ": " << w.amount << " " << w.freed << " " << w.after;
  };
  const AccountId *by_payee = &b_, *by_payer = &a_, *by_another = &c_, *nobody = nullptr;
  expect("", {1, 1, by_payee}, held);
  expect("", {60, 60, by_payee}, held);
  expect("", {1, 60, by_payee}, held);
  expect("", {0, 60, by_payee}, held);
  // More than is left, though the account holds more; a part that is neither the amount nor the
  // rest.
  expect(kNotOfHold, {61, 61, by_payee}, held);
  expect(kNotOfHold, {1, 61, by_payee}, held);
  expect(kNotOfHold, {1, 59, by_payee}, held);
  expect(kNotOfHold, {0, 59, by_payee}, held);
  expect(kNotOfHold, {2, 1, by_payee}, held);
  // By others, for others.
  for (const auto* actor : {by_payer, by_another, nobody}) {
    expect(kNotOfHold, {1, 1, actor}, held);
    expect(kNotOfHold, {0, 60, actor}, held);
  }
  expect(kNotOfHold, {1, 1, by_payee, "interval '0'", &c_}, held);
  // At its end and after it only nobody needs to say so.
  const std::string end = "interval '1 day'";
  expect(kNotOfHold, {1, 1, by_payee, end}, held);
  expect("", {0, 60, nobody, end}, held);
  expect("", {0, 60, by_payee, end}, held);
  expect(kNotOfHold, {0, 60, by_payer, end}, held);
  // What has ended is not changed; of another hold there is as much as before.
  const std::string released = write(held, {0, 60, by_payee});
  for (const Written& w : {Written{0, 60, by_payee}, {1, 1, by_payee}, {1, 60, by_payee}})
    EXPECT_EQ(state_of(released + write(held, w)), kNotOfHold);
  EXPECT_EQ(state_of(released + write(other, {100, 100, by_payee})), "");
  Transfer unknown = held;
  unknown.id = Uuid::v7(now_us());
  expect(kNotOfHold, {1, 1, by_payee}, unknown);
}

TEST_F(LedgerHolds, WhatIsHeldChangesWithHoldsOnly) {
  const Transfer held = hold();
  const std::string captured = write(held, {10, 10, &b_});
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = captured;
    return changed.replace(changed.find(from), from.size(), to);
  };
  EXPECT_EQ(state_of(captured), "");
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"0, 8 FROM", "0, 2 FROM"},
           {"-10::bigint, -10::bigint", "-10::bigint, NULL::bigint"},
           {", 10, NULL)", ", 10, -10)"}})
    EXPECT_EQ(state_of(with(from, to)), "IP007") << to;
}

TEST_F(LedgerHolds, NobodyWritesTheRowByHand) {
  const Transfer held = hold();
  books_.commit({Books::capture(held, 40)});
  const std::string where = " WHERE id = '" + held.id.to_string() + "'";
  for (const auto* role : {"user", "transaction", "reporting"})
    for (const auto* sql :
         {"UPDATE holds SET captured = 0", "UPDATE holds SET status = 2, ended_at = now()",
          "DELETE FROM holds", "INSERT INTO holds SELECT * FROM holds"})
      EXPECT_EQ(state_of(sql, role), kDenied) << role << ": " << sql;
  EXPECT_EQ(state_of("UPDATE holds SET try_at = now()" + where, "transaction"), "");
  for (const auto* set :
       {"amount = 101", "payer_id = payee_id", "payee_id = gen_random_uuid()",
        "expires_at = expires_at + interval '1 s'", "id = gen_random_uuid()", "seq = seq + 1",
        "created_at = created_at - interval '1 s'", "captured = 39", "captures = 0"})
    EXPECT_EQ(state_of(std::string("UPDATE holds SET ") + set + where, ""), kKept) << set;
  EXPECT_EQ(state_of("DELETE FROM holds", ""), kKept);
  EXPECT_EQ(state_of("TRUNCATE holds", ""), kKept);
  books_.commit({Books::release(held)});
  for (const auto* set : {"status = 0, ended_at = NULL", "status = 3", "captured = 41",
                          "ended_at = now() + interval '1 s'"})
    EXPECT_EQ(state_of(std::string("UPDATE holds SET ") + set + where, ""), kKept) << set;
}

TEST_F(LedgerHolds, AHoldEndsWithinThirtyDays) {
  const std::int64_t days_30 = 30 * kDay_us;
  EXPECT_EQ(row(hold(1, days_30)), "0 1 0 0 f");
  EXPECT_EQ(kind_of_commit(books_.plan({Books::hold(a_, b_, 1, days_30 + kSecond_us)})),
            StoreFailure::Kind::broken);
}

// Two services, one state of the hold: what comes second runs into the payer's entry, plans again,
// and then the hold refuses it.
TEST_F(LedgerHolds, WhatRacesComesSecond) {
  const auto all = [](const Transfer& held) {
    return std::array{Books::capture(held), Books::capture(held, 60, true), Books::release(held)};
  };
  for (std::size_t first = 0; first < 3; ++first)
    for (std::size_t second = 0; second < 3; ++second) {
      const Transfer held = hold();
      const Requests one{all(held)[first]}, two{all(held)[second]};
      const Plan won = books_.plan(one), lost = books_.plan(two);
      ASSERT_EQ(kind_of_commit(won), std::nullopt);
      books_.advance(won);
      EXPECT_EQ(kind_of_commit(in_next_place(lost)), StoreFailure::Kind::conflict);
      const Plan refused = books_.plan(two);
      ASSERT_TRUE(refused.empty());
      EXPECT_EQ(refused.outcomes[0][0].error().code,
                first == 2 ? Code::hold_released : Code::hold_captured);
      EXPECT_EQ(LedgerHolds::held(), 0);
    }
}

// Numbers that follow, by who ignores what the hold says: the trigger alone stands in the way.
TEST_F(LedgerHolds, TheTriggerDecidesWhoeverHasPlannedWrongly) {
  const Transfer held = hold(), other = hold();
  Known known = books_.read({Books::capture(held, 100)});
  books_.commit({Books::capture(held, 100)});
  known.accounts = books_.read({Books::capture(other, 1)}).accounts;
  Plan twice = books_.plan({Books::capture(held, 100)}, known);
  ASSERT_FALSE(twice.empty());
  EXPECT_EQ(kind_of_commit(twice), StoreFailure::Kind::request_changed);
  EXPECT_EQ(row(held), "1 100 100 1 t");
  EXPECT_EQ(row(other), "0 100 0 0 f");
}

// Each writer waits for the other's row, and sees what has become of it.
TEST_F(LedgerHolds, TwoAtTheSameMoment) {
  const Transfer held = hold();
  auto first = books_.open("transaction"), second = books_.open("transaction");
  ASSERT_TRUE(first.exec("BEGIN"));
  ASSERT_TRUE(first.exec(write(held, {60, 60, &b_})));
  auto waiting = std::async(std::launch::async, [&] {
    const auto done = second.exec(write(held, {60, 60, &b_}));
    return done ? std::string() : done.error().sqlstate;
  });
  ASSERT_TRUE(first.exec("COMMIT"));
  EXPECT_TRUE((std::set<std::string>{kUnique, kNotOfHold}).contains(waiting.get()));
  EXPECT_EQ(row(held), "0 100 60 1 f");
}

// Another service closed the account, and this one remembers it as it was.
TEST_F(LedgerHolds, NothingIsHeldForWhoIsClosedMeanwhile) {
  const AccountId shop = books_.wallet();
  const Requests asked{Books::hold(a_, shop, 100)};
  const Plan remembered = books_.plan(asked);
  ASSERT_FALSE(remembered.empty());
  books_.commit({Books::control(shop, {.status = AccountStatus::closed})}, *books_.store("user"));
  EXPECT_EQ(kind_of_commit(in_next_place(remembered)), StoreFailure::Kind::conflict);
  EXPECT_EQ(LedgerHolds::held(), 0);
  const Plan refused = books_.plan(asked);
  ASSERT_TRUE(refused.empty());
  EXPECT_EQ(refused.outcomes[0][0].error().code, Code::receiver_unavailable);
}

TEST_F(LedgerHolds, ClosingThePayeeWakesTheWorker) {
  const Transfer held = hold(), partly = hold();
  books_.commit({Books::capture(partly, 10)});
  const auto due = [&] {
    return books_.number("SELECT count(*) FROM holds WHERE payee_id = '" + b_.to_string() +
                         "' AND try_at <= now()");
  };
  EXPECT_EQ(due(), 0);
  const std::string by_nobody = write(held, {0, 100, nullptr});
  EXPECT_EQ(state_of(by_nobody), kNotOfHold);
  books_.sql("UPDATE accounts SET status = 2 WHERE id = '" + b_.to_string() + "'");
  EXPECT_EQ(due(), 2);
  EXPECT_EQ(state_of(by_nobody), "");
  Request released = Books::release(held);
  released.orders[0].actor = {};
  books_.commit({released});
  EXPECT_EQ(row(held), "2 100 0 0 t") << "before its end: released";
}

// Its worker may have gone away in between, and nobody else can end it.
TEST_F(LedgerHolds, WhatIsTakenForAClosedPayeeIsTakenAgainAfterItsLease) {
  const AccountId shop = books_.wallet();
  const Transfer held = books_.commit({Books::hold(a_, shop, 100)}).transfers[0];
  auto worker = books_.open("transaction");
  const auto takes = [&] {
    const auto taken =
        rows_of(worker.query(queries::transaction::claim_holds, pg::Params().add(100)));
    return std::ranges::any_of(taken, [&](const auto& row) { return row.id == held.id; });
  };
  const auto due_in_s = [&] {
    return books_.number(
        "SELECT ceil(extract(epoch FROM try_at - now()))::bigint FROM holds WHERE id = '" +
        held.id.to_string() + "'");
  };
  const auto set_status = [&](int status) {
    books_.sql("UPDATE accounts SET status = " + std::to_string(status) + " WHERE id = '" +
               shop.to_string() + "'");
  };
  set_status(2);
  EXPECT_TRUE(takes());
  EXPECT_FALSE(takes());
  EXPECT_LE(due_in_s(), 10);
  // What was woken for an account that is open again waits for its end.
  set_status(0);
  set_status(2);
  set_status(0);
  EXPECT_TRUE(takes());
  EXPECT_GT(due_in_s(), 3600);
}

TEST_F(LedgerHolds, BothSidesAreTold) {
  const Transfer held = hold();
  books_.commit({Books::capture(held, 10)});
  books_.commit({Books::capture(held, 10, true)});
  const Transfer brief = hold(5, 2'000'000), given = hold(5);
  books_.commit({Books::release(given)});
  const auto told = [&](const Transfer& of, const AccountId& to) {
    return books_.text(
        "SELECT string_agg(change::text, ' ' ORDER BY xid, id) FROM request_events "
        "WHERE hold_id = '" +
        of.id.to_string() + "' AND user_id = '" + to.to_string() + "'");
  };
  for (const AccountId& side : {a_, b_}) {
    EXPECT_EQ(told(held, side), "0 2 1");
    EXPECT_EQ(told(given, side), "0 3");
    EXPECT_EQ(told(brief, side), "0");
  }
  EXPECT_EQ(
      books_.number("SELECT count(*) FROM request_events WHERE user_id = '" + c_.to_string() + "'"),
      0);
}

TEST(LedgerHoldsAudit, KnowsThem) {
  Books books;
  const AccountId a = books.wallet(1'000), b = books.wallet(500);
  const auto hold = [&] { return books.commit({Books::hold(a, b, 100)}).transfers[0]; };
  const auto audited = [&] {
    auto db = books.open("reporting");
    return audit(db, {}).value().difference;
  };
  const Transfer open = hold(), partly = hold(), ended = hold();
  books.commit({Books::capture(partly, 30), Books::capture(ended, 30, true)});
  ASSERT_EQ(audited(), "");
  books.sql("CREATE TABLE saved_holds AS TABLE holds");
  const std::string tampering = "SET session_replication_role = replica; ";
  const auto difference = [&](const Transfer& of, const std::string& set) {
    books.sql(tampering + "UPDATE holds SET " + set + " WHERE id = '" + of.id.to_string() + "'");
    const std::string found = audited();
    books.sql(tampering + "DELETE FROM holds; INSERT INTO holds TABLE saved_holds");
    return found;
  };
  for (const Transfer* of : {&open, &partly, &ended})
    for (const auto* set : {"amount = amount + 1", "id = gen_random_uuid()", "payee_id = payer_id",
                            "payer_id = payee_id", "expires_at = expires_at - interval '1 s'",
                            "seq = seq + 1", "created_at = created_at + interval '1 us'"})
      EXPECT_NE(difference(*of, set), "") << set;
  for (const auto* set : {"captured = captured + 1", "captured = captured - 1", "captures = 2",
                          "status = 2, ended_at = now()", "status = 1, ended_at = now()"})
    EXPECT_NE(difference(partly, set), "") << set;
  for (const auto* set : {"captured = captured + 1", "status = 3", "captures = captures + 1",
                          "status = 0, ended_at = NULL", "ended_at = ended_at + interval '1 us'"})
    EXPECT_NE(difference(ended, set), "") << set;
  books.sql(tampering + "DELETE FROM holds WHERE id = '" + open.id.to_string() + "'");
  EXPECT_EQ(audited(),
            "hold " + open.id.to_string() + ": is open by its payer's entries, and does not exist");
}

}  // namespace
}  // namespace instapay::testing
