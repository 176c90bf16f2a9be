// Schedules in the database: an occurrence is paid once and only as it was planned, whoever writes
// the entries; who takes it has it alone; what each role may do.
#include <fmt/format.h>

#include <future>
#include <set>
#include <thread>

#include "pg/paid_references_fixture.h"
#include "queries.h"

namespace instapay::testing {
namespace {

class Schedules : public PaidReferences {
 protected:
  void SetUp() override { books_.sql("UPDATE schedules SET status = 1 WHERE status = 0"); }

  // Of b_ to a_ over 5, due since `since`, weekly.
  Uuid plan(const std::string& since = "1 hour", const std::string& more = "",
            const std::string& values = "") const {
    const Uuid id = Uuid::v7(now_us());
    books_.sql(fmt::format(
        "ALTER TABLE schedules DISABLE TRIGGER schedules_next;"
        "INSERT INTO schedules (id, payer_id, payee_id, amount, starts, first_at, next_at, every, "
        "repeats, time_zone, idempotency_key, request_hash{4}) SELECT '{0}', '{1}', '{2}', 5, "
        "at AT TIME ZONE 'UTC', at, at, 1, 1, 'UTC', substr(sha256('{0}'), 1, 16), "
        "substr(sha256(''), 1, 16){5} FROM (SELECT now() - interval '{3}' AS at) AS due;"
        "ALTER TABLE schedules ENABLE TRIGGER schedules_next;",
        id.to_string(), b_.to_string(), a_.to_string(), since, more, values));
    return id;
  }
  std::int64_t begin() const { return books_.number("SELECT begin_occurrences(1000)"); }
  // The first occurrence, begun.
  Uuid begun(const Uuid& schedule) const {
    begin();
    return *Uuid::parse(
        books_.text("SELECT id::text FROM schedule_occurrences WHERE schedule_id = '" +
                    schedule.to_string() + "' ORDER BY number LIMIT 1"));
  }
  std::int64_t status(const Uuid& occurrence) const {
    return books_.number("SELECT status FROM schedule_occurrences WHERE id = '" +
                         occurrence.to_string() + "'");
  }
};

TEST_F(Schedules, APaymentSettlesItsOccurrenceInItsOwnTransaction) {
  const Uuid one = begun(plan());
  EXPECT_EQ(one.version(), 4);
  const Plan paid = books_.commit({settling(b_, a_, one)});
  EXPECT_EQ(status(one), 1);
  EXPECT_EQ(books_.text("SELECT transfer_id::text FROM schedule_occurrences WHERE id = '" +
                        one.to_string() + "'"),
            paid.transfers[0].id.to_string());
  // The rules in C++ know it too.
  const Plan again = books_.plan({settling(b_, a_, one)});
  ASSERT_FALSE(again.outcomes[0][0]);
  EXPECT_EQ(again.outcomes[0][0].error().code, Code::request_already_paid);
}

// Each of the two guards holds without the other.
TEST_F(Schedules, PaidOnceByTheIndexAndByTheTrigger) {
  const Uuid one = begun(plan());
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

TEST_F(Schedules, OnlyWhatWasPlannedCanBePaid) {
  const Uuid one = begun(plan());
  EXPECT_EQ(state_of(paying(b_, a_, one)), "");
  const Uuid unknown = *Uuid::parse(books_.text("SELECT gen_random_uuid()::text"));
  for (const std::string& sql : {paying(b_, a_, one, 4), paying(b_, a_, one, 6),
                                 paying(c_, a_, one), paying(b_, c_, one), paying(b_, a_, unknown)})
    EXPECT_EQ(state_of(sql), kNotPayable) << sql;
  for (const auto* end :
       {"status = 2, refusal = 'x', finished_at = now()", "status = 3, finished_at = now()"})
    EXPECT_EQ(state_of(fmt::format("UPDATE schedule_occurrences SET {} WHERE id = '{}';", end,
                                   one.to_string()) +
                           paying(b_, a_, one),
                       ""),
              kNotPayable)
        << end;
  for (const auto* end : {"1", "2, ended_at = now(), end_reason = 'payer'"}) {
    const Uuid schedule = plan(), stopped = begun(schedule);
    books_.sql(
        fmt::format("UPDATE schedules SET status = {} WHERE id = '{}'", end, schedule.to_string()));
    EXPECT_EQ(status(stopped), 3);
    EXPECT_EQ(state_of(paying(b_, a_, stopped)), kNotPayable);
  }
}

TEST_F(Schedules, OneAfterTheOtherAndWhatIsTooOldFails) {
  const Uuid schedule = plan("15 days");
  const auto statuses = [&] {
    return books_.text(
        "SELECT coalesce(string_agg(status::text, '' ORDER BY number), '') FROM "
        "schedule_occurrences "
        "WHERE schedule_id = '" +
        schedule.to_string() + "'");
  };
  EXPECT_EQ(begin(), 1);
  EXPECT_EQ(statuses(), "2");
  begin();
  begin();
  EXPECT_EQ(statuses(), "220");
  EXPECT_EQ(begin(), 0) << "nothing begins while one waits";
  EXPECT_EQ(statuses(), "220");
}

TEST_F(Schedules, OneOfATimeZoneThatIsGoneHoldsNobodyUp) {
  const Uuid lost = plan("2 hours"), other = plan();
  const auto move_to = [&](const char* zone) {
    books_.sql(
        fmt::format("ALTER TABLE schedules DISABLE TRIGGER schedules_next;"
                    "UPDATE schedules SET time_zone = '{}' WHERE id = '{}';"
                    "ALTER TABLE schedules ENABLE TRIGGER schedules_next;",
                    zone, lost.to_string()));
  };
  move_to("Nowhere/Gone");
  EXPECT_EQ(begin(), 1);
  EXPECT_EQ(status(begun(other)), 0);
  EXPECT_EQ(begin(), 0) << "nothing to be busy with";
  const auto change_to = [&](int status) {
    return fmt::format("UPDATE schedules SET status = {} WHERE id = '{}'", status,
                       lost.to_string());
  };
  EXPECT_EQ(state_of(change_to(1)), "") << "its payer can pause it";
  EXPECT_EQ(state_of(change_to(1) + ";" + change_to(0)), pg::kInvalidParameterValue);
  EXPECT_EQ(books_.text("SELECT time_as_told('2026-01-02 03:04Z', 'Nowhere/Gone')"),
            "2026-01-02 03:04 (UTC)");
  EXPECT_EQ(books_.text("SELECT time_as_told('2026-01-02 03:04Z', 'Asia/Kathmandu')"),
            "2026-01-02 08:49 (Asia/Kathmandu)");
  move_to("UTC");
  EXPECT_EQ(begin(), 1) << "known again, it is begun";
}

TEST_F(Schedules, WorkersBesideEachOtherTakeEachOnce) {
  constexpr int kEach = 60;
  for (int i = 0; i < kEach; ++i) plan();
  std::vector<std::future<std::vector<Uuid>>> workers;
  for (int i = 0; i < 3; ++i)
    workers.push_back(std::async(std::launch::async, [&] {
      auto own = books_.open("transaction");
      std::vector<Uuid> taken;
      for (int round = 0; round < 40; ++round) {
        rows_of(own.query(queries::transaction::begin_occurrences, pg::Params().add(7)));
        const auto rows =
            rows_of(own.query(queries::transaction::claim_occurrences, pg::Params().add(3)));
        for (const auto& row : rows) taken.push_back(row.id);
      }
      return taken;
    }));
  std::multiset<std::string> all;
  for (auto& worker : workers)
    for (const Uuid& id : worker.get()) all.insert(id.to_string());
  EXPECT_EQ(all.size(), kEach);
  EXPECT_EQ((std::set<std::string>(all.begin(), all.end()).size()), kEach);
}

TEST_F(Schedules, ARefusalIsWrittenByWhoTriedLast) {
  const Uuid one = begun(plan());
  auto db = books_.open("transaction");
  const auto refuse = [&](std::int32_t tries, const char* why, bool later) {
    const auto rows = rows_of(db.query(queries::transaction::refuse_occurrence,
                                       pg::Params().add(one).add(tries).add(why).add(later)));
    return std::string(rows.front().outcome);
  };
  const auto take = [&] {
    books_.sql("UPDATE schedule_occurrences SET try_at = now() WHERE status = 0");
    rows_of(db.query(queries::transaction::claim_occurrences, pg::Params().add(1000)));
  };
  take();
  EXPECT_EQ(refuse(0, "insufficient_funds", true), "settled") << "another has tried since";
  EXPECT_EQ(refuse(1, "insufficient_funds", true), "retried");
  EXPECT_EQ(
      books_.number("SELECT notice FROM schedule_occurrences WHERE id = '" + one.to_string() + "'"),
      1);
  take();
  EXPECT_EQ(refuse(1, "insufficient_funds", true), "settled");
  EXPECT_EQ(refuse(2, "transfer_limit_exceeded", false), "failed");
  EXPECT_EQ(status(one), 2);
  EXPECT_EQ(refuse(2, "insufficient_funds", true), "settled");
  // What was paid meanwhile stays paid.
  const Uuid paid = begun(plan());
  take();
  books_.commit({settling(b_, a_, paid)});
  const auto late = rows_of(
      db.query(queries::transaction::refuse_occurrence,
               pg::Params().add(paid).add(std::int32_t{1}).add("insufficient_funds").add(false)));
  EXPECT_EQ(late.front().outcome, "settled");
  EXPECT_EQ(status(paid), 1);
}

// Whoever has the occurrence's row first wins, and the other one sees that.
TEST_F(Schedules, PayingAndCancellingTakeTurns) {
  const auto cancel = [](const Uuid& id) {
    return fmt::format(
        "UPDATE schedules SET status = 2, ended_at = now(), end_reason = 'payer' WHERE id = '{}'",
        id.to_string());
  };
  auto payer = books_.open("transaction"), owner = books_.open("transaction");
  auto watcher = books_.open("");
  const Uuid first = plan(), paid_first = begun(first);
  ASSERT_TRUE(payer.exec("BEGIN;" + paying(b_, a_, paid_first)));
  auto late = std::async(std::launch::async, [&] { return owner.exec(cancel(first)).has_value(); });
  await_lock_wait(watcher);
  ASSERT_TRUE(payer.exec("COMMIT"));
  EXPECT_TRUE(late.get());
  EXPECT_EQ(status(paid_first), 1);

  const Uuid second = plan(), stopped_first = begun(second);
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

TEST_F(Schedules, ClosingEndsWhatThePayerHasPlanned) {
  const Uuid schedule = plan(), one = begun(schedule);
  const auto close = "UPDATE accounts SET status = 2 WHERE id = '" + b_.to_string() + "';";
  books_.sql(close);
  EXPECT_EQ(status(one), 3);
  EXPECT_EQ(
      books_.text("SELECT end_reason FROM schedules WHERE id = '" + schedule.to_string() + "'"),
      "payer_closed");
}

// Whoever closes has no occurrence's row before the account's entry: a payment that has its entries
// would wait for it.
TEST_F(Schedules, ClosingTakesOccurrencesLast) {
  const Uuid one = begun(plan());
  auto closer = books_.open("user"), payer = books_.open("transaction");
  ASSERT_TRUE(
      closer.exec("BEGIN; UPDATE accounts SET status = 2 WHERE id = '" + b_.to_string() + "'"));
  ASSERT_TRUE(payer.exec("SET lock_timeout = '1s'"));
  EXPECT_TRUE(payer.exec(paying(b_, a_, one)));
  EXPECT_TRUE(closer.exec("COMMIT"));
  EXPECT_EQ(status(one), 1);
}

TEST_F(Schedules, WhatWasSettledOrEndedStaysSo) {
  const Uuid schedule = plan("1 hour", ", note", ", 'Rent'"), one = begun(schedule);
  const auto change = [&](const std::string& what) {
    return "UPDATE schedules SET " + what + " WHERE id = '" + schedule.to_string() + "';";
  };
  const auto end = change("status = 2, ended_at = now(), end_reason = 'payer'");
  for (const auto* what :
       {"payee_id = gen_random_uuid()", "payer_id = gen_random_uuid()", "next_number = 1",
        "created_at = now()", "first_at = now()", "request_hash = substr(sha256('x'), 1, 16)"})
    EXPECT_EQ(state_of(change(what), ""), kKept) << what;
  EXPECT_EQ(state_of(end + change("status = 0, ended_at = NULL, end_reason = NULL"), ""), kKept);
  EXPECT_EQ(state_of(end + change("note = NULL"), ""), "");
  for (const auto* what : {"amount = 0", "every = 0", "repeats = 4", "note = ''",
                           "last_number = 1001", "payee_id = payer_id", "status = 2"})
    EXPECT_NE(state_of(change(what), ""), "") << what;
  const auto settle = [&](const std::string& what) {
    return "UPDATE schedule_occurrences SET " + what + " WHERE id = '" + one.to_string() + "';";
  };
  EXPECT_EQ(state_of(settle("amount = 6"), ""), kKept);
  EXPECT_EQ(state_of(settle("status = 1, finished_at = now()"), ""), kCheck);
  const auto skip = settle("status = 3, finished_at = now()");
  EXPECT_EQ(state_of(skip + settle("status = 0, finished_at = NULL"), ""), kKept);
  EXPECT_EQ(state_of(skip + settle("notice = 0"), ""), "");
  for (const auto* table : {"schedules", "schedule_occurrences"}) {
    EXPECT_EQ(state_of(std::string("DELETE FROM ") + table, ""), kKept);
    EXPECT_EQ(state_of(std::string("TRUNCATE ") + table + " CASCADE", ""), kKept);
  }
}

TEST_F(Schedules, EachRoleMayDoJustWhatItShould) {
  for (const auto& [role, sql, state] : std::vector<std::array<const char*, 3>>{
           {"transaction", "SELECT * FROM schedule_details", ""},
           {"transaction", "SELECT begin_occurrences(1)", ""},
           {"transaction", "SELECT refuse_occurrence(gen_random_uuid(), 1, 'x', true)", ""},
           {"transaction", "SELECT skip_occurrence(gen_random_uuid(), gen_random_uuid(), 1)", ""},
           {"transaction", "UPDATE schedules SET amount = 1 WHERE false", ""},
           {"transaction", "UPDATE schedules SET payee_id = payer_id", kDenied},
           {"transaction", "UPDATE schedules SET next_at = now()", kDenied},
           {"transaction", "DELETE FROM schedules", kDenied},
           {"transaction", "UPDATE schedule_occurrences SET try_at = now() WHERE false", ""},
           {"transaction", "UPDATE schedule_occurrences SET status = 1", kDenied},
           {"transaction", "UPDATE schedule_occurrences SET transfer_id = id", kDenied},
           {"transaction", "INSERT INTO schedule_occurrences (number) VALUES (1)", kDenied},
           {"transaction", "SELECT settle_occurrence(NULL, NULL, NULL, 1, NULL, now())", kDenied},
           {"transaction", "SELECT erase_schedules(gen_random_uuid())", kDenied},
           {"user", "SELECT * FROM schedule_occurrences", ""},
           {"user", "SELECT erase_schedules(gen_random_uuid())", ""},
           {"user", "UPDATE schedule_occurrences SET notice = 0 WHERE false", ""},
           {"user", "UPDATE schedules SET amount = 1", kDenied},
           {"user", "SELECT begin_occurrences(1)", kDenied},
           {"reporting", "SELECT * FROM schedules", kDenied},
       })
    EXPECT_EQ(state_of(sql, role), state) << role << ": " << sql;
}

}  // namespace
}  // namespace instapay::testing
