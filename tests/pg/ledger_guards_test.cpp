// What the database refuses of entries written by hand, whoever writes them: the sequence, double
// entry, what was written ahead, changes. Rights of the roles: ledger_rights_test.cpp.
#include <fmt/format.h>

#include "pg/ledger_books.h"
#include "pg/ledger_tampering.h"

namespace instapay::testing {
namespace {

constexpr auto kDenied = "42501", kAppendOnly = "IP002", kUnbalanced = "IP003", kClock = "IP004",
               kDoesNotFollow = "IP005", kUnsound = "IP007", kUnique = "23505";

// An entry to be: the account's next one, off by what is said.
struct Half {
  AccountId account, counterparty;
  std::int64_t amount;
  std::int64_t seq_off = 0, balance_off = 0, held_off = 0, held_change = 0;
  int kind = 1;
};

std::string insert(const std::vector<Half>& halves) {
  std::string values;
  for (const Half& h : halves)
    values +=
        fmt::format("{}('{}'::uuid, '{}'::uuid, {}::bigint, {}, {}, {}, {}, {})",
                    values.empty() ? "" : ", ", h.account.to_string(), h.counterparty.to_string(),
                    h.amount, h.seq_off, h.balance_off, h.held_off, h.held_change, h.kind);
  return "INSERT INTO public.entries (account_id, transfer_id, counterparty_id, seq, "
         "counterparty_seq, amount, balance_after, held_after, held_change, sent_today, created_at,"
         " batch_seq, chain_id, position, kind, change) "
         "SELECT h.id, gen_random_uuid(), h.other, coalesce(s.seq, 0) + 1 + h.seq_off, "
         "(h.amount <> 0)::int, h.amount, coalesce(s.balance, 0) + h.amount + h.balance_off, "
         "coalesce(s.held, 0) + h.held_change + h.held_off, nullif(h.held_change, 0), 0, now(), "
         "1, 1, 0, h.kind, CASE h.kind WHEN 6 THEN format('{\"expiresAt\":\"%s\"}', now() + "
         "interval '1 day') END FROM (VALUES " +
         values +
         ") AS h (id, other, amount, seq_off, balance_off, held_off, held_change, kind) "
         "LEFT JOIN public.account_states s ON s.id = h.id;";
}

class LedgerGuards : public ::testing::Test {
 protected:
  static Books& books() {
    static Books shared;
    return shared;
  }
  AccountId a_ = books().wallet(1'000), b_ = books().wallet(500);

  // The SQLSTATE that the statements end with, at COMMIT at the latest; "" when they succeed.
  // Nothing stays of them.
  static std::string state_of(const std::string& role, const std::string& sql) {
    auto db = books().open(role);
    if (!db.exec("BEGIN")) return "no transaction";
    auto done = db.exec(sql);
    if (done) done = db.exec("SET CONSTRAINTS ALL IMMEDIATE");
    std::ignore = db.exec("ROLLBACK");
    return done ? "" : done.error().sqlstate;
  }
  static void expect(const std::string& state, const std::string& sql) {
    for (const auto* writer : {"user", "transaction", ""})
      EXPECT_EQ(state_of(writer, sql), state) << writer << ": " << sql;
    EXPECT_EQ(state_of("reporting", sql), kDenied) << sql;
  }
  Half paid(std::int64_t minor = 5) const { return {a_, b_, -minor}; }
  Half received(std::int64_t minor = 5) const { return {b_, a_, minor}; }
  static std::string uuid(const AccountId& id) { return "'" + id.to_string() + "'"; }
};

TEST_F(LedgerGuards, WhatFollowsIsLetThrough) {
  expect("", insert({paid(), received()}));
  expect("", insert({paid(), received()}) + insert({paid(), received()}));
  // Two of an account in one statement, the later one first.
  Half later = paid();
  later.seq_off = 1;
  later.balance_off = -5;
  Half later_received = received();
  later_received.seq_off = 1;
  later_received.balance_off = 5;
  expect("", insert({later, later_received, paid(), received()}));
  const Half hold{a_, b_, 0, 0, 0, 0, 30, 6};
  expect("", insert({hold}));
}

TEST_F(LedgerGuards, TheNumberMustBeTheNext) {
  for (const std::int64_t off : {1, 2, 1'000'000'000}) {
    Half gap = paid();
    gap.seq_off = off;
    expect(kDoesNotFollow, insert({gap, received()}));
  }
  Half repeated = paid();
  repeated.seq_off = -1;
  // As the first entry was: the primary key alone refuses it.
  repeated.balance_off = -1'000;
  repeated.amount = 1'000;
  expect(kUnique, insert({repeated, {kSettlementAccount, a_, -1'000}}));
  Half zero = paid();
  zero.seq_off = -2;
  expect(kUnsound, insert({zero, received()}));
}

TEST_F(LedgerGuards, TheStateMustFollow) {
  for (const std::int64_t off : {-1, 1, 1'000'000}) {
    Half balance = paid();
    balance.balance_off = off;
    expect(kDoesNotFollow, insert({balance, received()}));
    balance = received();
    balance.balance_off = off;
    expect(kDoesNotFollow, insert({paid(), balance}));
  }
  Half held = paid();
  held.held_off = 1;
  expect(kDoesNotFollow, insert({held, received()}));
  Half hold{a_, b_, 0, 0, 0, -1, 30, 6};
  expect(kDoesNotFollow, insert({hold}));
  // More than there is, and more than is not held.
  expect(kUnsound, insert({paid(1'001), received(1'001)}));
  hold.held_off = 0;
  hold.held_change = 1'001;
  expect(kUnsound, insert({hold}));
  hold.held_change = 600;
  expect(kUnsound, insert({hold}) + insert({paid(401), received(401)}));
  hold.held_change = -1;
  expect(kUnsound, insert({hold}));
}

TEST_F(LedgerGuards, AStatementMustBalance) {
  expect(kUnbalanced, insert({paid()}));
  expect(kUnbalanced, insert({received()}));
  expect(kUnbalanced, insert({paid(5), received(4)}));
  expect(kUnbalanced, insert({paid(), received(), {kOpeningAccount, a_, -1}}));
  // Not only when all of it came by one statement that balances as a whole.
  expect(kUnbalanced, insert({paid()}) + insert({received()}));
  expect(kUnsound, insert({paid(0), received(0)}));
}

TEST_F(LedgerGuards, TheAccountMustExist) {
  const AccountId nobody{Uuid::random()};
  expect(kDoesNotFollow, insert({paid(), {nobody, a_, 5}}));
  Half second{nobody, a_, 5};
  second.seq_off = 1;
  expect(kDoesNotFollow, insert({paid(), second}));
}

// What the session has made of its own must not stand in for the tables.
TEST_F(LedgerGuards, TemporaryTablesAreNotLookedAt) {
  const AccountId nobody{Uuid::random()};
  const std::string accounts =
      "CREATE TEMP TABLE accounts (id uuid, status int); GRANT ALL ON accounts TO PUBLIC;"
      "INSERT INTO pg_temp.accounts VALUES (" +
      uuid(nobody) + ");";
  EXPECT_NE(state_of("transaction", accounts + insert({paid(), {nobody, a_, 5}})), "");
  Half rich = paid();
  rich.balance_off = 1'000'000;
  const std::string entries =
      "CREATE TEMP TABLE entries (LIKE public.entries); GRANT ALL ON entries TO PUBLIC;"
      "INSERT INTO pg_temp.entries SELECT * FROM public.entries WHERE account_id IN (" +
      uuid(a_) + "," + uuid(b_) +
      "); UPDATE pg_temp.entries SET balance_after = balance_after + 1000000 WHERE account_id = " +
      uuid(a_) + ";";
  EXPECT_NE(state_of("transaction", entries + insert({rich, received()})), "");
  const std::string awaited =
      "CREATE TEMP TABLE awaited_entries (account_id uuid, seq bigint, balance_before bigint,"
      " held_before bigint);"
      "GRANT ALL ON awaited_entries TO PUBLIC;";
  Half gap = paid();
  gap.seq_off = 7;
  EXPECT_NE(state_of("transaction", awaited + insert({gap, received()})), "");
}

TEST_F(LedgerGuards, TheClockOfABatchMustBeRight) {
  const auto batch = [](const char* offset, bool is_void) {
    return fmt::format(
        "INSERT INTO ledger_batches VALUES (99, 1, sha256(''), sha256(''), "
        "sha256(''), {}, {}, clock_timestamp() + interval '{}', {});",
        is_void ? 0 : 1, is_void, offset, is_void ? "NULL" : "sha256('')");
  };
  for (const auto* offset : {"-3 s", "3 s", "-1 day", "1 day"})
    expect(kClock, batch(offset, false));
  for (const auto* offset : {"-1 s", "0 s", "1 s"}) expect("", batch(offset, false));
  expect("", batch("-1 hour", true));
}

// ---- what was written ahead

class LedgerAwaited : public LedgerGuards {
 protected:
  // The entry after the next one, as if a paid b `before` first.
  std::string ahead(std::int64_t before) const {
    Half pays = paid(), gets = received();
    pays.seq_off = gets.seq_off = 1;
    pays.balance_off = -before;
    gets.balance_off = before;
    return insert({pays, gets});
  }
  static std::string end_of(pg::Connection& db, const std::string& sql) {
    const auto done = db.exec(sql);
    return done ? "" : done.error().sqlstate;
  }
};

TEST_F(LedgerAwaited, IsAcceptedWhenItsPredecessorIsThereInTheEnd) {
  for (const auto* end : {"SET CONSTRAINTS ALL IMMEDIATE; COMMIT", "COMMIT"}) {
    auto db = books().open("transaction");
    ASSERT_TRUE(db.exec("BEGIN"));
    ASSERT_EQ(end_of(db, ahead(100)), "");
    const std::int64_t before = books().entries_of(a_);
    Books::exec(books().open("transaction"), insert({paid(100), received(100)}));
    EXPECT_EQ(end_of(db, end), "") << end;
    EXPECT_EQ(books().entries_of(a_), before + 2);
    EXPECT_EQ(books().number("SELECT count(*) FROM awaited_entries"), 0);
  }
  EXPECT_EQ(books().balance(a_), 1'000 - 210);
}

TEST_F(LedgerAwaited, IsRefusedWhenItsPredecessorIsNotThereOrAnotherOne) {
  for (const auto* end : {"SET CONSTRAINTS ALL IMMEDIATE", "COMMIT"}) {
    for (const std::int64_t minor : {0, 99, 101}) {
      auto db = books().open("transaction");
      ASSERT_TRUE(db.exec("BEGIN"));
      ASSERT_EQ(end_of(db, ahead(100)), "");
      if (minor > 0) Books::exec(books().open("user"), insert({paid(minor), received(minor)}));
      const std::int64_t before = books().entries_of(a_);
      EXPECT_EQ(end_of(db, end), kDoesNotFollow) << end << ": " << minor;
      std::ignore = db.exec("ROLLBACK");
      EXPECT_EQ(books().entries_of(a_), before);
      EXPECT_EQ(books().number("SELECT count(*) FROM awaited_entries"), 0);
    }
  }
}

TEST_F(LedgerAwaited, IsRefusedWhenSomethingElseIsHeld) {
  auto db = books().open("transaction");
  ASSERT_TRUE(db.exec("BEGIN"));
  const Half later{a_, b_, 0, 1, 0, 0, 30, 6};
  ASSERT_EQ(end_of(db, insert({later})), "");
  const Half before{a_, b_, 0, 0, 0, 0, 1, 6};
  Books::exec(books().open("transaction"), insert({before}));
  EXPECT_EQ(end_of(db, "COMMIT"), kDoesNotFollow);
}

TEST_F(LedgerAwaited, NobodyWritesOrRemovesWhatIsAwaited) {
  const std::string gap = ahead(100);
  for (const auto* role : {"user", "transaction"}) {
    for (const auto* sql :
         {"DELETE FROM awaited_entries", "TRUNCATE awaited_entries",
          "UPDATE awaited_entries SET seq = 1", "SELECT * FROM awaited_entries",
          "INSERT INTO awaited_entries VALUES (gen_random_uuid(), 2, 0, 0)",
          "ALTER TABLE awaited_entries DISABLE TRIGGER ALL", "DROP TABLE awaited_entries"})
      EXPECT_EQ(state_of(role, gap + sql), kDenied) << role << ": " << sql;
    // To let the session's own later statements decide is as far as one gets.
    EXPECT_EQ(state_of(role, "SET CONSTRAINTS ALL DEFERRED;" + gap), kDoesNotFollow);
    EXPECT_EQ(state_of(role, "SET CONSTRAINTS ALL IMMEDIATE;" + gap), kDoesNotFollow);
  }
}

// ---- what is there stays

TEST_F(LedgerGuards, NoColumnOfAnEntryIsChanged) {
  auto owner = books().open("");
  ASSERT_EQ(untouched(owner, "entries", kEntryTamperings), "");
  const AccountId c = books().wallet();
  books().commit({Books::pay(a_, c, 5, 1)});
  const std::string where = " WHERE account_id = " + uuid(a_) + " AND amount = -5";
  for (const auto& [what, set] : kEntryTamperings) {
    const std::string sql = fmt::format("UPDATE entries SET {}{}", set, where);
    for (const auto* role : {"user", "transaction", "reporting"})
      EXPECT_EQ(state_of(role, sql), kDenied) << role << ": " << what;
    // The owner may do what erasing a note does, and nothing else.
    const bool erases = what == "note_hash and note gone" || what == "note_hash shorter";
    if (!erases) EXPECT_EQ(state_of("", sql), kAppendOnly) << what;
    // Nor together with an erasure, unless the column stays as it is.
    const bool may_change_nothing = set.contains("= NULL") || set.contains("change ||");
    if (!set.starts_with("note") && !may_change_nothing)
      EXPECT_EQ(state_of("", fmt::format("UPDATE entries SET {}, note = NULL, "
                                         "note_hash = sha256(''){}",
                                         set, where)),
                kAppendOnly)
          << what;
  }
  for (const auto* sql : {"DELETE FROM entries", "TRUNCATE entries"}) {
    for (const auto* role : {"user", "transaction", "reporting"})
      EXPECT_EQ(state_of(role, sql), kDenied) << role << ": " << sql;
    EXPECT_EQ(state_of("", sql), kAppendOnly) << sql;
  }
}

TEST_F(LedgerGuards, ErasingTakesNotesOnly) {
  const Plan plan = books().commit({Books::pay(a_, b_, 5), Books::pay(a_, b_, 6)});
  const std::int64_t first = plan.transfers[0].payer_side.seq.value;
  const auto erase = [&](const std::string& account, std::int64_t seq, const char* hash) {
    return fmt::format(
        "SELECT erase_notes(ARRAY[{}]::uuid[], ARRAY[{}]::bigint[], "
        "ARRAY[{}]::bytea[])",
        account, seq, hash);
  };
  const std::string good = erase(uuid(a_), first, "sha256('x')");
  for (const auto* role : {"transaction", "reporting"}) EXPECT_EQ(state_of(role, good), kDenied);
  EXPECT_EQ(state_of("user", good), "");
  EXPECT_EQ(state_of("user", erase(uuid(a_), first, "NULL")), kAppendOnly);
  EXPECT_EQ(state_of("user", erase(uuid(a_), first, "'\\x00'")), kAppendOnly) << "not a hash";
  const auto count = [&](const std::string& sql) {
    auto db = books().open("user");
    return rows_of(db.query({"erase", sql})).int64(0, 0);
  };
  EXPECT_EQ(count(good), 1);
  EXPECT_EQ(count(good), 0) << "it is gone already";
  EXPECT_EQ(count(erase(uuid(a_), 1, "sha256('x')")), 0) << "it never had a note";
  EXPECT_EQ(count(erase(uuid(a_), first + 50, "sha256('x')")), 0);
  EXPECT_EQ(count(erase("gen_random_uuid()", first, "sha256('x')")), 0);
  EXPECT_EQ(books().text(fmt::format(
                "SELECT string_agg(concat_ws(' ', seq, note, note_hash = sha256('x')), ', ' ORDER "
                "BY seq) FROM entries WHERE account_id = {} AND seq > 1",
                uuid(a_))),
            fmt::format("{} t, {} tea", first, first + 1));
  // What is erased stays so.
  const std::string where = fmt::format(" WHERE account_id = {} AND seq = {}", uuid(a_), first);
  for (const auto* set : {"note = 'tea'", "note_hash = NULL", "note_hash = sha256('y')",
                          "note = 'tea', note_hash = NULL", "amount = -6"})
    EXPECT_EQ(state_of("", "UPDATE entries SET " + std::string(set) + where), kAppendOnly) << set;
}

}  // namespace
}  // namespace instapay::testing
