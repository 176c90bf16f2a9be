// Mandates in the database: nothing is drawn but what was agreed, announced and is due, once and
// within the limits, whoever writes the rows; what each role may do.
#include <fmt/format.h>

#include <future>
#include <set>

#include "pg/paid_references_fixture.h"
#include "queries.h"

namespace instapay::testing {
namespace {

class Mandates : public PaidReferences {
 protected:
  // By which a_ may draw from b_ 100 each time and 250 a month; `more` is done to the row.
  Uuid agree(const std::string& more = "status = 1, accepted_at = now(), time_zone = 'UTC'") const {
    const Uuid id = Uuid::v7(now_us());
    books_.sql(fmt::format(
        "INSERT INTO request_settings VALUES ('{}', true) ON CONFLICT DO NOTHING", b_.to_string()));
    books_.sql(
        "UPDATE mandates SET status = 3, ended_at = now(), end_reason = 'payee' WHERE status IN "
        "(0, 1)");
    books_.sql(proposing(id));
    if (!more.empty())
      books_.sql(fmt::format("UPDATE mandates SET {} WHERE id = '{}'", more, id.to_string()));
    return id;
  }
  std::string proposing(const Uuid& id, std::int64_t per_draw = 100,
                        std::int64_t per_month = 250) const {
    return fmt::format(
        "INSERT INTO mandates (id, payer_id, payee_id, per_draw, per_month, idempotency_key, "
        "request_hash) VALUES ('{0}', '{1}', '{2}', {3}, {4}, substr(sha256('{0}'), 1, 16), "
        "substr(sha256(''), 1, 16));",
        id.to_string(), b_.to_string(), a_.to_string(), per_draw, per_month);
  }
  // `day`: as SQL; NULL: a day from now.
  std::string drawing(const Uuid& mandate, const Uuid& id, std::int64_t minor = 5,
                      const std::string& day = "NULL") const {
    return fmt::format(
        "INSERT INTO mandate_draws (id, mandate_id, payee_id, amount, due_on, idempotency_key, "
        "request_hash) VALUES ('{0}', '{1}', '{2}', {3}, {4}, substr(sha256('{0}'), 1, 16), "
        "substr(sha256(''), 1, 16));",
        id.to_string(), mandate.to_string(), a_.to_string(), minor, day);
  }
  // Announced, and due since then.
  Uuid due(const Uuid& mandate, std::int64_t minor = 5) const {
    const Uuid id = Uuid::v6(now_us());
    books_.sql(drawing(mandate, id, minor));
    books_.sql(fmt::format(
        "SET session_replication_role = replica; UPDATE mandate_draws SET due_at "
        "= now() - interval '1 hour', try_at = now() - interval '3 seconds' WHERE id = '{}'; RESET "
        "session_replication_role",
        id.to_string()));
    return id;
  }
  std::int64_t status(const Uuid& draw) const {
    return books_.number("SELECT status FROM mandate_draws WHERE id = '" + draw.to_string() + "'");
  }
};

TEST_F(Mandates, APaymentSettlesItsDrawInItsOwnTransaction) {
  const Uuid one = due(agree());
  EXPECT_EQ(one.version(), 6);
  const Plan paid = books_.commit({settling(b_, a_, one)});
  EXPECT_EQ(status(one), 1);
  EXPECT_EQ(books_.text("SELECT transfer_id::text FROM mandate_draws WHERE id = '" +
                        one.to_string() + "'"),
            paid.transfers[0].id.to_string());
  // The rules in C++ know it too.
  const Plan again = books_.plan({settling(b_, a_, one)});
  ASSERT_FALSE(again.outcomes[0][0]);
  EXPECT_EQ(again.outcomes[0][0].error().code, Code::request_already_paid);
}

// Each of the two guards holds without the other.
TEST_F(Mandates, PaidOnceByTheIndexAndByTheTrigger) {
  const Uuid one = due(agree());
  const std::string without_trigger =
      "ALTER TABLE entries DISABLE TRIGGER entries_settle_requests;";
  const std::string without_index = "DROP INDEX entries_requests;";
  for (const auto& [guard, state] : {std::pair(without_trigger, kUnique),
                                     {without_index, kNotPayable},
                                     {std::string(), kUnique}}) {
    EXPECT_EQ(state_of(guard + paying(b_, a_, one), ""), "") << guard;
    EXPECT_EQ(state_of(guard + paying(b_, a_, one) + paying(b_, a_, one), ""), state) << guard;
  }
}

TEST_F(Mandates, OnlyWhatWasAnnouncedAndIsDueCanBePaid) {
  const Uuid mandate = agree(), one = due(mandate), early = Uuid::v6(now_us());
  EXPECT_EQ(state_of(paying(b_, a_, one)), "");
  for (const std::string& sql :
       {paying(b_, a_, one, 4), paying(b_, a_, one, 6), paying(c_, a_, one), paying(b_, c_, one),
        paying(b_, a_, Uuid::v6(now_us())), drawing(mandate, early) + paying(b_, a_, early)})
    EXPECT_EQ(state_of(sql), kNotPayable) << sql;
  const auto draw_is = [&](const char* what) {
    return fmt::format("UPDATE mandate_draws SET {} WHERE id = '{}';", what, one.to_string());
  };
  const auto mandate_is = [&](const char* what) {
    return fmt::format("UPDATE mandates SET {} WHERE id = '{}';", what, mandate.to_string());
  };
  for (const std::string& sql :
       {draw_is("status = 2, refusal = 'x', finished_at = now()"),
        draw_is("status = 3, refusal = 'payer', finished_at = now()"),
        mandate_is("status = 3, ended_at = now(), end_reason = 'payer'"),
        "SET LOCAL session_replication_role = replica;" +
            mandate_is(
                "created_at = now() - interval '2 days', expires_at = now() - interval '1 hour'") +
            "SET LOCAL session_replication_role = origin;"})
    EXPECT_EQ(state_of(sql + paying(b_, a_, one), ""), kNotPayable) << sql;
}

// As the transaction service's role, whatever statement it writes.
TEST_F(Mandates, NothingIsDrawnBeyondWhatWasAgreed) {
  const Uuid mandate = agree();
  const auto draws = [&](std::int64_t minor, const std::string& day = "NULL") {
    return drawing(mandate, Uuid::v6(now_us()), minor, day);
  };
  EXPECT_EQ(state_of(draws(100) + draws(100) + draws(50)), "");
  for (const std::string& sql :
       {draws(101), draws(0), draws(-1), draws(100) + draws(100) + draws(51),
        draws(5, "current_date"), draws(5, "current_date - 1"), draws(5, "current_date + 100")})
    EXPECT_EQ(state_of(sql), kCheck) << sql;
  EXPECT_EQ(state_of(draws(100, "(date_trunc('month', now()) + interval '1 month 5 days')::date") +
                     draws(100, "(date_trunc('month', now()) + interval '1 month 6 days')::date") +
                     draws(100, "(date_trunc('month', now()) + interval '1 month 7 days')::date")),
            kCheck);
  std::string many;
  for (int i = 0; i < 10; ++i) many += draws(1);
  EXPECT_EQ(state_of(many), "");
  EXPECT_EQ(state_of(many + draws(1)), kCheck);
  // By a proposal, by one that has ended, and by somebody else's nothing.
  EXPECT_EQ(state_of(drawing(agree(""), Uuid::v6(now_us()))), kCheck);
  const Uuid ended = agree("status = 3, ended_at = now(), end_reason = 'payer'");
  EXPECT_EQ(state_of(drawing(ended, Uuid::v6(now_us()))), kCheck);
  EXPECT_EQ(state_of(drawing(Uuid::v7(now_us()), Uuid::v6(now_us()))), kCheck);
  // An id of another sort of thing is none of a draw.
  EXPECT_EQ(state_of(drawing(agree(), Uuid::v7(now_us()))), kCheck);
}

// The second waits for the first and adds it up.
TEST_F(Mandates, DrawsAtOnceTakeTurns) {
  const Uuid mandate = agree();
  books_.sql(drawing(mandate, Uuid::v6(now_us()), 100, "current_date + 2"));
  auto first = books_.open("transaction"), second = books_.open("transaction");
  auto watcher = books_.open("");
  ASSERT_TRUE(first.exec("BEGIN;" + drawing(mandate, Uuid::v6(now_us()), 100, "current_date + 2")));
  auto late = std::async(std::launch::async, [&] {
    const auto done = second.exec(drawing(mandate, Uuid::v6(now_us()), 51, "current_date + 2"));
    return done ? std::string() : done.error().constraint;
  });
  await_lock_wait(watcher);
  ASSERT_TRUE(first.exec("COMMIT"));
  EXPECT_EQ(late.get(), "mandate_draws_per_month");
}

// Whoever has the draw's row first wins, and the other one sees that.
TEST_F(Mandates, PayingAndCancellingTakeTurns) {
  const auto cancel = [](const Uuid& id) {
    return fmt::format(
        "UPDATE mandates SET status = 3, ended_at = now(), end_reason = 'payer' WHERE id = '{}'",
        id.to_string());
  };
  auto payer = books_.open("transaction"), owner = books_.open("transaction");
  auto watcher = books_.open("");
  const Uuid first = agree(), paid_first = due(first);
  ASSERT_TRUE(payer.exec("BEGIN;" + paying(b_, a_, paid_first)));
  auto late = std::async(std::launch::async, [&] { return owner.exec(cancel(first)).has_value(); });
  await_lock_wait(watcher);
  ASSERT_TRUE(payer.exec("COMMIT"));
  EXPECT_TRUE(late.get());
  EXPECT_EQ(status(paid_first), 1);

  const Uuid second = agree(), stopped_first = due(second);
  ASSERT_TRUE(owner.exec("BEGIN;" + cancel(second)));
  auto refused = std::async(std::launch::async, [&] {
    const auto done = payer.exec(paying(b_, a_, stopped_first));
    return done ? std::string() : done.error().sqlstate;
  });
  await_lock_wait(watcher);
  ASSERT_TRUE(owner.exec("COMMIT"));
  EXPECT_EQ(refused.get(), kNotPayable);
  EXPECT_EQ(status(stopped_first), 3);
}

TEST_F(Mandates, WorkersBesideEachOtherTakeEachOnce) {
  const Uuid mandate = agree();
  std::set<std::string> all;
  for (int i = 0; i < 9; ++i) all.insert(due(mandate, 1).to_string());
  std::vector<std::future<std::vector<std::string>>> workers;
  for (int i = 0; i < 3; ++i)
    workers.push_back(std::async(std::launch::async, [&] {
      auto own = books_.open("transaction");
      std::vector<std::string> taken;
      for (int round = 0; round < 10; ++round)
        for (const auto& row : rows_of(
                 own.query(queries::transaction::claim_draws, pg::Params().add(std::int32_t{2}))))
          taken.push_back(row.id.to_string());
      return taken;
    }));
  std::multiset<std::string> taken;
  for (auto& worker : workers)
    for (const auto& id : worker.get()) taken.insert(id);
  EXPECT_EQ(taken, std::multiset<std::string>(all.begin(), all.end()));
}

TEST_F(Mandates, ARefusalIsWrittenByWhoTriedLast) {
  const Uuid mandate = agree(), one = due(mandate);
  auto db = books_.open("transaction");
  const auto refuse = [&](std::int32_t tries, const char* why, bool later) {
    const auto rows = rows_of(db.query(queries::transaction::refuse_draw,
                                       pg::Params().add(one).add(tries).add(why).add(later)));
    return std::string(rows.front().outcome);
  };
  const auto take = [&] {
    books_.sql("UPDATE mandate_draws SET try_at = now() - interval '3 seconds' WHERE status = 0");
    rows_of(db.query(queries::transaction::claim_draws, pg::Params().add(std::int32_t{1000})));
  };
  take();
  EXPECT_EQ(refuse(0, "insufficient_funds", true), "settled") << "another has tried since";
  EXPECT_EQ(refuse(1, "insufficient_funds", true), "retried");
  take();
  EXPECT_EQ(refuse(2, "transfer_limit_exceeded", false), "failed");
  EXPECT_EQ(status(one), 2);
  // What has failed leaves its part of the month to others.
  EXPECT_EQ(
      books_.number(fmt::format("SELECT drawn_in('{}', month) FROM mandate_draws WHERE id = '{}'",
                                mandate.to_string(), one.to_string())),
      0);
}

TEST_F(Mandates, WhatWasAgreedOrSettledStaysSo) {
  const Uuid mandate = agree(), one = due(mandate);
  const auto change = [&](const std::string& what) {
    return "UPDATE mandates SET " + what + " WHERE id = '" + mandate.to_string() + "';";
  };
  for (const auto* what :
       {"payee_id = gen_random_uuid()", "payer_id = gen_random_uuid()", "per_draw = 101",
        "per_month = 251", "expires_at = now() + interval '9 days'", "time_zone = 'Africa/Cairo'",
        "accepted_at = now() + interval '1 hour'", "note = 'x'",
        "created_at = now() - interval '1 hour'", "request_hash = substr(sha256('x'), 1, 16)"})
    EXPECT_EQ(state_of(change(what), ""), kKept) << what;
  const auto end = change("status = 3, ended_at = now(), end_reason = 'payer'");
  EXPECT_EQ(state_of(end + change("status = 1, ended_at = NULL, end_reason = NULL"), ""), kKept);
  const auto settle = [&](const std::string& what) {
    return "UPDATE mandate_draws SET " + what + " WHERE id = '" + one.to_string() + "';";
  };
  for (const auto* what :
       {"amount = 6", "due_at = now()", "month = current_date", "mandate_id = gen_random_uuid()",
        "announced_at = now() + interval '1 hour'"})
    EXPECT_EQ(state_of(settle(what), ""), kKept) << what;
  const auto cancelled = settle("status = 3, refusal = 'payer', finished_at = now()");
  EXPECT_EQ(state_of(cancelled + settle("status = 0, refusal = NULL, finished_at = NULL"), ""),
            kKept);
  EXPECT_EQ(state_of(cancelled + settle("notice = 0"), ""), "");
  for (const auto* table : {"mandates", "mandate_draws"}) {
    EXPECT_EQ(state_of(std::string("DELETE FROM ") + table, ""), kKept);
    EXPECT_EQ(state_of(std::string("TRUNCATE ") + table + " CASCADE", ""), kKept);
  }
  // What was declined is never accepted.
  const Uuid other = agree("status = 2, ended_at = now(), end_reason = 'payer'");
  EXPECT_EQ(state_of(fmt::format("UPDATE mandates SET status = 1, accepted_at = now(), time_zone = "
                                 "'UTC', ended_at = NULL, end_reason = NULL WHERE id = '{}'",
                                 other.to_string()),
                     ""),
            kKept);
}

// Several draws of one mandate are paid by one batch, in any order, while its payer cancels it.
TEST_F(Mandates, CancellingWaitsForABatchAndNotForOneOfItsDraws) {
  const Uuid mandate = agree(), first = due(mandate), second = due(mandate);
  auto batch = books_.open("transaction");
  ASSERT_TRUE(batch.exec("BEGIN;" + paying(b_, a_, second)));
  auto cancelled = std::async(std::launch::async, [&] {
    return books_.open("").exec(
        "UPDATE mandates SET status = 3, ended_at = now(), end_reason = 'payer' WHERE id = '" +
        mandate.to_string() + "'");
  });
  auto watcher = books_.open("");
  await_lock_wait(watcher);
  EXPECT_TRUE(batch.exec(paying(b_, a_, first))) << "the cancelling one has none of its draws";
  EXPECT_TRUE(batch.exec("ROLLBACK"));
  EXPECT_TRUE(cancelled.get());
  EXPECT_EQ(status(first), 3);
  EXPECT_EQ(status(second), 3);
}

TEST_F(Mandates, EachRoleMayDoJustWhatItShould) {
  for (const auto& [role, sql, state] : std::vector<std::array<const char*, 3>>{
           {"transaction", "SELECT * FROM mandate_details", ""},
           {"transaction", "SELECT refuse_draw(gen_random_uuid(), 1, 'x', true)", ""},
           {"transaction", "SELECT cancel_draw(gen_random_uuid(), gen_random_uuid())", ""},
           {"transaction", "UPDATE mandates SET status = 3 WHERE false", ""},
           {"transaction", "UPDATE mandates SET per_month = 9", kDenied},
           {"transaction", "UPDATE mandates SET per_draw = 9", kDenied},
           {"transaction", "UPDATE mandates SET payer_id = payee_id", kDenied},
           {"transaction", "INSERT INTO mandates (status) VALUES (1)", kDenied},
           {"transaction", "DELETE FROM mandates", kDenied},
           {"transaction", "UPDATE mandate_draws SET try_at = now() WHERE false", ""},
           {"transaction", "UPDATE mandate_draws SET status = 1", kDenied},
           {"transaction", "UPDATE mandate_draws SET amount = 1", kDenied},
           {"transaction", "UPDATE mandate_draws SET due_at = now()", kDenied},
           {"transaction", "INSERT INTO mandate_draws (due_at) VALUES (now())", kDenied},
           {"transaction", "INSERT INTO mandate_draws (month) VALUES (now())", kDenied},
           {"transaction", "SELECT settle_draw(NULL, NULL, NULL, 1, NULL, now())", kDenied},
           {"transaction", "SELECT erase_mandates(gen_random_uuid())", kDenied},
           {"user", "SELECT * FROM mandate_draws", ""},
           {"user", "SELECT erase_mandates(gen_random_uuid())", ""},
           {"user", "UPDATE mandate_draws SET notice = 0 WHERE false", ""},
           {"user", "UPDATE mandates SET status = 3", kDenied},
           {"user", "SELECT cancel_draw(gen_random_uuid(), gen_random_uuid())", kDenied},
           {"reporting", "SELECT * FROM mandates", kDenied},
       })
    EXPECT_EQ(state_of(sql, role), state) << role << ": " << sql;
}

}  // namespace
}  // namespace instapay::testing
