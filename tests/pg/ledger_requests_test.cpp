// Payment requests in the database: paid once is paid once, and what was cancelled, declined or has
// expired is not paid, whoever writes the entries; and how the store tells of it.
#include <fmt/format.h>

#include <future>

#include "pg/paid_references_fixture.h"

namespace instapay::testing {
namespace {

class LedgerRequests : public PaidReferences {
 protected:
  // A request of a_ whose id is of the version; `more`: columns and their values.
  Uuid ask(bool once = true, const std::string& more = "", const std::string& values = "") const {
    const Uuid id = once ? Uuid::v7(now_us()) : Uuid::v8(now_us());
    const std::string code =
        more.contains("payer_id") ? "NULL" : "right(gen_random_uuid()::text, 22)";
    books_.sql(fmt::format(
        "INSERT INTO payment_requests (id, payee_id, code{}{}) VALUES ('{}', '{}', {}{}{})",
        more.empty() ? "" : ", ", more, id.to_string(), a_.to_string(), code,
        values.empty() ? "" : ", ", values));
    return id;
  }
  std::int64_t status(const Uuid& id) const {
    return books_.number("SELECT status FROM payment_requests WHERE id = '" + id.to_string() + "'");
  }
  static std::string close(const Uuid& id, int status = 4) {
    return fmt::format(
        "UPDATE payment_requests SET status = {}, closed_at = now() WHERE id = '{}' AND status IN "
        "(0, 2);",
        status, id.to_string());
  }
};

TEST_F(LedgerRequests, APaymentSettlesItInItsOwnTransaction) {
  const Uuid once = ask(), many = ask(false);
  const Plan plan = books_.commit({settling(b_, a_, once), settling(b_, a_, many)});
  EXPECT_EQ(status(once), 1);
  EXPECT_EQ(books_.text("SELECT transfer_id::text FROM payment_requests WHERE id = '" +
                        once.to_string() + "'"),
            plan.transfers[0].id.to_string());
  EXPECT_EQ(status(many), 2);
  books_.commit({settling(c_, a_, many), settling(b_, a_, many)});
  EXPECT_EQ(status(many), 2);
  EXPECT_EQ(books_.number("SELECT count(*) FROM entries WHERE amount > 0 AND reference = '" +
                          many.to_string() + "'"),
            3);
}

// Each of the two guards holds without the other.
TEST_F(LedgerRequests, PaidOnceIsPaidOnceByTheIndexAndByTheTrigger) {
  const Uuid once = ask(), many = ask(false);
  const std::string without_trigger =
      "ALTER TABLE entries DISABLE TRIGGER entries_settle_requests;";
  const std::string without_index = "DROP INDEX entries_requests;";
  for (const auto& [guard, state] : {std::pair(without_trigger, kUnique),
                                     {without_index, kNotPayable},
                                     {std::string(), kUnique}}) {
    EXPECT_EQ(state_of(guard + paying(b_, a_, once), ""), "") << guard;
    EXPECT_EQ(state_of(guard + paying(b_, a_, once) + paying(c_, a_, once), ""), state) << guard;
    EXPECT_EQ(state_of(guard + paying(b_, a_, many) + paying(c_, a_, many), ""), "") << guard;
  }
  // Both guards together, as each writer meets them.
  for (const auto* role : {"user", "transaction"})
    EXPECT_EQ(state_of(paying(b_, a_, once) + paying(c_, a_, once), role), kUnique) << role;
}

TEST_F(LedgerRequests, OnlyWhatWasAskedCanBePaid) {
  books_.commit({Books::pay(b_, a_, 1)});  // only a contact can be asked in person
  const std::string of_b = "'" + b_.to_string() + "'";
  const Uuid to_b = ask(true, "payer_id", of_b), fixed = ask(true, "amount", "5");
  const Uuid brief =
      ask(true, "created_at, expires_at", "now() - interval '2 s', now() - interval '1 s'");
  const Uuid later = ask(true, "expires_at", "now() + interval '1 min'");
  const Uuid declined = ask(true, "payer_id", of_b), cancelled = ask(), ended = ask(false);
  books_.sql(close(declined, 3) + close(cancelled) + close(ended));
  EXPECT_EQ(state_of(paying(b_, a_, to_b)), "");
  EXPECT_EQ(state_of(paying(b_, a_, fixed)), "");
  EXPECT_EQ(state_of(paying(b_, a_, later)), "");
  for (const std::string& sql :
       {paying(c_, a_, to_b), paying(b_, a_, fixed, 4), paying(b_, a_, fixed, 6),
        paying(b_, c_, fixed), paying(b_, a_, brief), paying(b_, a_, declined),
        paying(b_, a_, cancelled), paying(b_, a_, ended), paying(b_, a_, Uuid::v7(now_us()))})
    EXPECT_EQ(state_of(sql), kNotPayable) << sql;
}

// Whoever closes has no request's row before the account's entry: a payment that has its entries
// would wait for it.
TEST_F(LedgerRequests, ClosingTakesRequestsLast) {
  const Uuid paid = ask(), open = ask(), often = ask(false);
  auto closer = books_.open("user"), payer = books_.open("transaction");
  ASSERT_TRUE(
      closer.exec("BEGIN; UPDATE accounts SET status = 2 WHERE id = '" + a_.to_string() + "'"));
  ASSERT_TRUE(payer.exec("SET lock_timeout = '1s'"));
  EXPECT_TRUE(payer.exec(paying(b_, a_, paid) + paying(c_, a_, often)));
  EXPECT_TRUE(closer.exec("COMMIT"));
  EXPECT_EQ(status(paid), 1);
  EXPECT_EQ(status(open), 4);
  EXPECT_EQ(status(often), 4);
}

TEST_F(LedgerRequests, WhatWasAskedStaysAndWhatHasEndedStaysEnded) {
  const Uuid once = ask(true, "note, amount", "'tea', 5"), many = ask(false);
  const auto change = [](const Uuid& id, const std::string& what) {
    return fmt::format("UPDATE payment_requests SET {} WHERE id = '{}';", what, id.to_string());
  };
  for (const auto* what :
       {"amount = 6", "amount = NULL", "note = 'more'", "expires_at = now() + interval '1 day'",
        "payee_id = gen_random_uuid()", "id = gen_random_uuid()",
        "created_at = now() - interval '1 s'", "code = right(gen_random_uuid()::text, 22)",
        "paid_at = now(), status = 1"})
    EXPECT_NE(state_of(change(once, what), ""), "") << what;
  EXPECT_EQ(state_of(change(once, "note = NULL"), ""), "");
  EXPECT_EQ(state_of(close(once) + change(once, "status = 0, closed_at = NULL"), ""), kKept);
  EXPECT_EQ(state_of(close(once) + change(once, "status = 3"), ""), kKept);
  EXPECT_EQ(state_of(paying(b_, a_, once) + change(once, "status = 4, closed_at = now()"), ""),
            kKept);
  EXPECT_EQ(state_of(paying(b_, a_, many) + close(many), ""), "");
  EXPECT_EQ(state_of("DELETE FROM payment_requests", ""), kKept);
  EXPECT_EQ(state_of("TRUNCATE payment_requests CASCADE", ""), kKept);
}

TEST_F(LedgerRequests, ARowIsOfAFormThatIsAsked) {
  const auto insert = [&](const std::string& columns, const std::string& values) {
    return fmt::format("INSERT INTO payment_requests (payee_id, {}) VALUES ('{}', {})", columns,
                       a_.to_string(), values);
  };
  const std::string once = "'" + Uuid::v7(now_us()).to_string() + "'";
  const std::string many = "'" + Uuid::v8(now_us()).to_string() + "'";
  const std::string code = "right(gen_random_uuid()::text, 22)", b = "'" + b_.to_string() + "'";
  EXPECT_EQ(state_of(insert("id, code", once + "," + code), ""), "");
  for (const auto& [columns, values] : std::vector<std::pair<std::string, std::string>>{
           {"id, code", "gen_random_uuid()," + code},
           {"id", once},
           {"id, code, payer_id", once + "," + code + "," + b},
           {"id, payer_id", many + "," + b},
           {"id, payer_id", once + ",'" + a_.to_string() + "'"},
           {"id, code, amount", once + "," + code + ", 0"},
           {"id, code, expires_at", once + "," + code + ", now()"},
           {"id, code, note", once + "," + code + ", ''"},
           {"id, code, note", once + "," + code + ", repeat('x', 141)"},
           {"id, code", once + ", 'short'"},
           {"id, code, status", once + "," + code + ", 2"},
           {"id, code, status", once + "," + code + ", 1"},
           {"id, code, status, closed_at", once + "," + code + ", 4, now()"},
           {"id, code, idempotency_key", once + "," + code + ", sha256('')"},
       })
    EXPECT_EQ(state_of(insert(columns, values), ""), kCheck) << columns << ": " << values;
}

TEST_F(LedgerRequests, EachRoleMayDoJustWhatItShould) {
  for (const auto& [role, sql, state] : std::vector<std::array<const char*, 3>>{
           {"transaction", "SELECT * FROM payment_requests", ""},
           {"transaction", "SELECT * FROM payment_request_details", ""},
           {"transaction", "UPDATE payment_requests SET status = 4, closed_at = now() WHERE false",
            ""},
           {"transaction", "UPDATE payment_requests SET amount = 1", kDenied},
           {"transaction", "UPDATE payment_requests SET transfer_id = id", kDenied},
           {"transaction", "DELETE FROM payment_requests", kDenied},
           {"transaction", "SELECT erase_requests(gen_random_uuid())", kDenied},
           {"transaction", "DELETE FROM request_blocks", ""},
           {"user", "SELECT * FROM payment_requests", ""},
           {"user", "UPDATE payment_requests SET status = 4", kDenied},
           {"user", "INSERT INTO payment_requests (id) VALUES (gen_random_uuid())", kDenied},
           {"user", "SELECT erase_requests(gen_random_uuid())", ""},
           {"user", "SELECT * FROM request_blocks", kDenied},
           {"reporting", "SELECT * FROM payment_requests", kDenied},
       })
    EXPECT_EQ(state_of(sql, role), state) << role << ": " << sql;
}

TEST_F(LedgerRequests, AStalePlanIsToldAndTheOthersOfItsBatchGoThrough) {
  const Uuid paid = ask(), cancelled = ask();
  for (const Uuid& request : {paid, cancelled}) {
    const Requests batch{settling(b_, a_, request), Books::pay(c_, b_, 1)};
    const Known before = books_.read(batch);
    if (request == paid) {
      books_.commit({settling(c_, a_, request)});
    } else {
      books_.sql(close(request));
    }
    // The accounts as they are now, the request as it was.
    Known known = books_.read(batch);
    known.payables = before.payables;
    EXPECT_EQ(kind_of(commit(books_.plan(batch, known))), Kind::request_changed);
    const Plan again = books_.plan(batch);
    ASSERT_FALSE(again.outcomes[0][0]);
    EXPECT_EQ(again.outcomes[0][0].error().code,
              request == paid ? Code::request_already_paid : Code::request_cancelled);
    ASSERT_TRUE(again.outcomes[1][0]);
    ASSERT_TRUE(commit(again));
    books_.advance(again);
  }
}

// Whoever has the request's row first wins, and the other one sees that.
TEST_F(LedgerRequests, PayingAndCancellingTakeTurns) {
  const auto cancel = [&](pg::Connection& db, const Uuid& id) {
    return rows_of(db.query({"cancel",
                             "UPDATE payment_requests SET status = 4, closed_at = now() "
                             "WHERE id = $1::uuid AND status IN (0, 2)"},
                            pg::Params().add(id)))
        .affected();
  };
  auto payer = books_.open("transaction"), payee = books_.open("transaction");
  auto watcher = books_.open("");
  const Uuid paid_first = ask();
  ASSERT_TRUE(payer.exec("BEGIN;" + paying(b_, a_, paid_first)));
  auto late = std::async(std::launch::async, [&] { return cancel(payee, paid_first); });
  await_lock_wait(watcher);
  ASSERT_TRUE(payer.exec("COMMIT"));
  EXPECT_EQ(late.get(), 0);
  EXPECT_EQ(status(paid_first), 1);

  const Uuid cancelled_first = ask();
  ASSERT_TRUE(payee.exec("BEGIN"));
  ASSERT_EQ(cancel(payee, cancelled_first), 1);
  auto refused = std::async(std::launch::async, [&] {
    const auto done = payer.exec(paying(b_, a_, cancelled_first));
    return done ? std::string() : done.error().sqlstate;
  });
  await_lock_wait(watcher);
  ASSERT_TRUE(payee.exec("COMMIT"));
  EXPECT_EQ(refused.get(), kNotPayable);
  EXPECT_EQ(status(cancelled_first), 4);
}

}  // namespace
}  // namespace instapay::testing
