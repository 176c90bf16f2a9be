// What the database itself refuses, whoever asks: append-only tables, balanced inserts, and the
// rights of each role.
#include "pg/ledger_books.h"

namespace instapay::testing {
namespace {

class LedgerRights : public ::testing::Test {
 protected:
  static Books& books() {
    static Books shared;
    static const Uuid a = shared.wallet(100), b = shared.wallet();
    static const Plan plan = shared.commit({Books::pay(a, b, 10)});
    return shared;
  }

  // The SQLSTATE that the statement ends with, "" when it succeeds; nothing stays of it.
  static std::string state_of(const std::string& role, const std::string& sql) {
    auto db = books().open(role);
    if (!db.exec("BEGIN")) return "no transaction";
    const auto done = db.exec(sql);
    std::ignore = db.exec("ROLLBACK");
    return done ? "" : done.error().sqlstate;
  }
};

constexpr auto kDenied = "42501", kAppendOnly = "IP002", kUnbalanced = "IP003", kCheck = "23514";

struct Case {
  const char* role;
  const char* sql;
  const char* state;
};

TEST_F(LedgerRights, EachRoleMayDoJustWhatItShould) {
  const std::string pair =
      "INSERT INTO entries (account_id, transfer_id, counterparty_id, amount, balance_after,"
      " created_at, batch_seq, chain_id, position, kind) SELECT gen_random_uuid(), t,"
      " gen_random_uuid(), side, 0, now(), 1, 1, 0, 1 FROM (VALUES (gen_random_uuid())) AS v (t),"
      " (VALUES (5), (-5)) AS s (side)";
  const char* batch =
      "INSERT INTO ledger_batches VALUES (99, 1, sha256(''), sha256(''), sha256(''), 1, false, "
      "now(), sha256(''))";
  const std::vector<Case> cases = {
      {"transaction", "SELECT * FROM accounts", ""},
      {"transaction", "UPDATE accounts SET version = version + 1", ""},
      {"transaction", "INSERT INTO accounts (id, kind) VALUES (gen_random_uuid(), 0)", kDenied},
      {"transaction", "DELETE FROM accounts", kDenied},
      {"transaction", "TRUNCATE accounts", kDenied},
      {"transaction", pair.c_str(), ""},
      {"transaction", batch, ""},
      {"transaction", "UPDATE entries SET note = 'x'", kDenied},
      {"transaction", "DELETE FROM entries", kDenied},
      {"transaction", "TRUNCATE entries", kDenied},
      {"transaction", "UPDATE ledger_batches SET void = true", kDenied},
      {"transaction", "DELETE FROM ledger_batches", kDenied},
      {"transaction", "SELECT nextval('ledger_chain_ids')", ""},
      {"transaction", "SELECT setval('ledger_chain_ids', 1)", kDenied},
      {"transaction", "SELECT id, email FROM users", ""},
      {"transaction", "SELECT password_hash FROM users", kDenied},
      {"transaction", "UPDATE users SET role = 'operator'", kDenied},
      {"transaction", "SELECT * FROM refresh_tokens", kDenied},
      {"transaction", "ALTER TABLE entries DISABLE TRIGGER ALL", kDenied},
      {"transaction", "SET session_replication_role = replica", kDenied},
      {"transaction", "CREATE TABLE mine (x int)", kDenied},
      {"user", "INSERT INTO accounts (id, kind) VALUES (gen_random_uuid(), 0)", ""},
      {"user", "UPDATE accounts SET status = 1", ""},
      {"user", "DELETE FROM accounts", kDenied},
      {"user", pair.c_str(), ""},
      {"user", "UPDATE entries SET amount = 1", kDenied},
      {"user", "DELETE FROM entries", kDenied},
      {"user", "DELETE FROM ledger_batches", kDenied},
      {"user", "SELECT password_hash FROM users", ""},
      {"user", "DELETE FROM users", kDenied},
      {"reporting", "SELECT * FROM accounts", ""},
      {"reporting", "SELECT * FROM entries", ""},
      {"reporting", "SELECT * FROM ledger_batches", ""},
      {"reporting", "UPDATE accounts SET balance = 0", kDenied},
      {"reporting", pair.c_str(), kDenied},
      {"reporting", batch, kDenied},
      {"reporting", "DELETE FROM entries", kDenied},
      {"reporting", "SELECT nextval('ledger_chain_ids')", kDenied},
      {"reporting", "SELECT password_hash FROM users", kDenied},
      {"reporting", "UPDATE users SET role = 'operator'", kDenied},
      // The owner, too.
      {"", "UPDATE entries SET note = 'x'", kAppendOnly},
      {"", "DELETE FROM entries", kAppendOnly},
      {"", "TRUNCATE entries", kAppendOnly},
      {"", "UPDATE entries SET note = 'x' WHERE false", kAppendOnly},
      {"", "UPDATE ledger_batches SET void = true", kAppendOnly},
      {"", "DELETE FROM ledger_batches", kAppendOnly},
      {"", "TRUNCATE ledger_batches", kAppendOnly},
      {"", "DELETE FROM accounts", kAppendOnly},
      {"", "TRUNCATE accounts", kAppendOnly},
  };
  for (const auto& [role, sql, state] : cases)
    EXPECT_EQ(state_of(role, sql), state) << role << ": " << sql;
}

TEST_F(LedgerRights, EntriesMustBalance) {
  const auto insert = [](const std::string& amounts) {
    return "INSERT INTO entries (account_id, transfer_id, counterparty_id, amount, balance_after,"
           " created_at, batch_seq, chain_id, position, kind) SELECT gen_random_uuid(),"
           " gen_random_uuid(), gen_random_uuid(), a, 0, now(), 1, 1, 0, 1 FROM unnest(ARRAY[" +
           amounts + "]::bigint[]) AS x (a)";
  };
  EXPECT_EQ(state_of("transaction", insert("5, -5")), "");
  EXPECT_EQ(state_of("transaction", insert("5, -5, 7, -7")), "");
  for (const auto* amounts :
       {"5", "-5", "5, -4", "5, -5, 1", "9000000000000000, -8999999999999999"})
    EXPECT_EQ(state_of("transaction", insert(amounts)), kUnbalanced) << amounts;
  // Not only when all of it came by one statement that balances as a whole.
  EXPECT_EQ(state_of("transaction", insert("5") + ";" + insert("-5")), kUnbalanced);
  EXPECT_EQ(state_of("transaction", insert("0")), kCheck);
}

TEST_F(LedgerRights, ConstraintsHoldTheBooksTogether) {
  for (const auto* sql : {
           "UPDATE accounts SET balance = -1, version = version + 1 WHERE kind = 0",
           "UPDATE accounts SET balance = 9000000000000001 WHERE kind = 0",
           "UPDATE accounts SET balance = -9000000000000001 WHERE kind = 1",
           "UPDATE accounts SET status = 3",
           "UPDATE accounts SET sent_today = -1",
           "INSERT INTO accounts (id, kind) VALUES (gen_random_uuid(), 2)",
           "INSERT INTO ledger_batches VALUES (99, 1, sha256(''), sha256(''), 'short', 1, false, "
           "now(), sha256(''))",
           "INSERT INTO ledger_batches VALUES (99, 1, sha256(''), sha256(''), sha256(''), 1, true, "
           "now())",
           "INSERT INTO ledger_batches VALUES (99, 1, sha256(''), sha256(''), sha256(''), 0, "
           "false, now(), sha256(''))",
           "INSERT INTO ledger_batches VALUES (99, 1, sha256(''), sha256(''), sha256(''), 1, "
           "false, now())",
           "INSERT INTO ledger_batches VALUES (99, 1, sha256(''), sha256(''), sha256(''), 1, "
           "false, now(), 'short')",
           "INSERT INTO ledger_batches VALUES (99, 1, sha256(''), sha256(''), sha256(''), 0, "
           "true, now(), sha256(''))",
           "INSERT INTO entries VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), "
           "NULL, 5,"
           " 0, now(), 1, 1, 0, 1, sha256(''), sha256(''))",
       })
    EXPECT_EQ(state_of("", sql), kCheck) << sql;
}

// Its leaves have another form: better to say so than to fail its audit for ever after.
TEST(Migrations, RefuseALedgerHashedBeforeReceipts) {
  Books books;
  books.wallet(100);
  books.sql(
      "DELETE FROM schema_migrations WHERE version = 4;"
      "ALTER TABLE ledger_batches DROP COLUMN secret");
  auto owner = books.open("");
  const auto refused = pg::migrate(owner);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("begin with an empty database"), std::string::npos)
      << refused.error();
  EXPECT_EQ(books.number("SELECT count(*) FROM schema_migrations WHERE version = 4"), 0);
}

}  // namespace
}  // namespace instapay::testing
