// The rights of each role, and the constraints of each table. Entries written by hand:
// ledger_guards_test.cpp.
#include <fmt/format.h>

#include <map>

#include "pg/ledger_books.h"

namespace instapay::testing {
namespace {

class LedgerRights : public ::testing::Test {
 protected:
  static Books& books() {
    static Books shared;
    static const Plan plan = shared.commit({Books::give(a(shared), 100)});
    return shared;
  }

  static const AccountId& a(const Books& books) {
    static const AccountId id = books.wallet();
    return id;
  }

  static std::string state_of(const std::string& role, const std::string& sql) {
    return books().state_of(role, sql);
  }
};

constexpr auto kDenied = "42501", kAppendOnly = "IP002", kCheck = "23514", kUnsound = "IP007",
               kNotNull = "23502";

struct Case {
  const char* role;
  const char* sql;
  const char* state;
};

TEST_F(LedgerRights, EachRoleMayDoJustWhatItShould) {
  const std::string pair = fmt::format(
      "INSERT INTO entries (account_id, transfer_id, counterparty_id, seq, counterparty_seq, "
      "amount,"
      " balance_after, sent_today, created_at, batch_seq, chain_id, position, kind)"
      " SELECT id, gen_random_uuid(), other, seq + 1, 1, side, balance + side, 0, now(), 1, 1, 0, 1"
      " FROM (VALUES ('{0}'::uuid, '{1}'::uuid, -5), ('{1}', '{0}', 5)) AS v (own, other, side)"
      " JOIN account_states ON id = own",
      a(books()).to_string(), kSettlementAccount.to_string());
  const char* erasure =
      "SELECT erase_notes(ARRAY[gen_random_uuid()], ARRAY[1::bigint], ARRAY[sha256('')])";
  const char* batch =
      "INSERT INTO ledger_batches VALUES (99, 1, sha256(''), sha256(''), sha256(''), 1, false, "
      "now(), sha256(''))";
  const std::vector<Case> cases = {
      {"transaction", "SELECT * FROM accounts", ""},
      {"transaction", "SELECT * FROM account_states", ""},
      {"transaction", "SELECT * FROM ledger_currency", ""},
      {"transaction", "UPDATE accounts SET status = 1", kDenied},
      {"transaction", "UPDATE accounts SET daily_limit = 1", kDenied},
      {"transaction", "SELECT * FROM accounts FOR NO KEY UPDATE", kDenied},
      {"transaction", "SELECT lock_accounts(ARRAY[gen_random_uuid()])", ""},
      {"transaction", "SELECT entries_before(gen_random_uuid(), now())", ""},
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
      {"transaction", "SELECT open_chain('EGP')", ""},
      {"transaction", "SELECT open_chain('USD')", "IP006"},
      {"transaction", "SELECT nextval('ledger_chain_ids')", kDenied},
      {"transaction", "UPDATE ledger_currency SET code = 'USD'", kDenied},
      {"transaction", "DELETE FROM ledger_currency", kDenied},
      {"transaction", erasure, kDenied},
      {"transaction", "SELECT setval('ledger_chain_ids', 1)", kDenied},
      {"transaction", "SELECT id, email FROM users", ""},
      {"transaction", "SELECT password_hash FROM users", kDenied},
      {"transaction", "UPDATE users SET role = 'operator'", kDenied},
      {"transaction", "SELECT * FROM refresh_tokens", kDenied},
      {"transaction", "ALTER TABLE entries DISABLE TRIGGER ALL", kDenied},
      {"transaction", "SET session_replication_role = replica", kDenied},
      {"transaction", "CREATE TABLE mine (x int)", kDenied},
      {"transaction", "SELECT * FROM report_sums", kDenied},
      {"transaction", "UPDATE report_chains SET seq = 0", kDenied},
      {"user", "INSERT INTO accounts (id, kind) VALUES (gen_random_uuid(), 0)", ""},
      {"user", "UPDATE accounts SET status = 1", ""},
      {"user", "UPDATE accounts SET transfer_limit = 1, daily_limit = 1", ""},
      {"user", "UPDATE accounts SET frozen_by_owner = false", ""},
      {"transaction", "UPDATE accounts SET frozen_by_owner = false", kDenied},
      {"reporting", "UPDATE accounts SET frozen_by_owner = false", kDenied},
      {"user", "UPDATE accounts SET kind = 1", kDenied},
      {"user", "UPDATE accounts SET id = gen_random_uuid()", kDenied},
      {"user", "INSERT INTO accounts (id, kind, status) VALUES (gen_random_uuid(), 0, 1)", kDenied},
      {"user", "SELECT open_chain('EGP')", ""},
      {"user", "SELECT lock_accounts(ARRAY[gen_random_uuid()])", ""},
      {"user", "SELECT nextval('ledger_chain_ids')", kDenied},
      {"user", "UPDATE ledger_currency SET code = 'USD'", kDenied},
      {"user", "UPDATE entries SET note = NULL, note_hash = sha256('')", kDenied},
      {"user", erasure, ""},
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
      {"reporting", "SELECT * FROM account_states", ""},
      {"reporting", "SELECT entries_before(gen_random_uuid(), now())", ""},
      {"reporting", "UPDATE accounts SET status = 0", kDenied},
      {"reporting", "UPDATE report_chains SET seq = seq", ""},
      {"reporting", "UPDATE report_sums SET amount = amount", ""},
      {"reporting", "UPDATE report_sketches SET users = users", ""},
      // What is searched is derived: the reporting service writes it, and nobody else.
      {"reporting", "INSERT INTO transfer_search_chains VALUES (1000000, 1)", ""},
      {"reporting", "UPDATE transfer_search_chains SET seq = 0", ""},
      {"reporting", "UPDATE transfer_search SET note = 'x'", kDenied},
      {"reporting", "DELETE FROM transfer_search", kDenied},
      {"reporting", "TRUNCATE transfer_search", kDenied},
      {"reporting", "SELECT forget_search()", ""},
      {"transaction", "SELECT * FROM transfer_search, transfer_search_chains, chain_places", ""},
      {"transaction", "INSERT INTO transfer_search_chains VALUES (1000000, 1)", kDenied},
      {"transaction", "UPDATE transfer_search SET note = 'x'", kDenied},
      {"transaction", "SELECT forget_search()", kDenied},
      {"user", "SELECT * FROM transfer_search", kDenied},
      {"reporting", "SELECT open_chain('EGP')", kDenied},
      {"reporting", "SELECT lock_accounts(ARRAY[gen_random_uuid()])", kDenied},
      {"reporting", "SELECT * FROM awaited_entries", kDenied},
      {"reporting", erasure, kDenied},
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
      {"", "UPDATE ledger_batches SET void = true", kAppendOnly},
      {"", "DELETE FROM ledger_batches", kAppendOnly},
      {"", "TRUNCATE ledger_batches", kAppendOnly},
      {"", "DELETE FROM accounts", kAppendOnly},
      {"", "TRUNCATE accounts", kAppendOnly},
  };
  for (const auto& [role, sql, state] : cases)
    EXPECT_EQ(state_of(role, sql), state) << role << ": " << sql;
}

TEST_F(LedgerRights, ConstraintsHoldTheBooksTogether) {
  for (const auto* sql : {
           "UPDATE accounts SET status = 3",
           "UPDATE accounts SET transfer_limit = -1",
           "UPDATE accounts SET daily_limit = -1",
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
       })
    EXPECT_EQ(state_of("", sql), kCheck) << sql;
}

// Each row is refused for one thing alone: without it, another guard would be the one to refuse.
TEST_F(LedgerRights, AnEntryIsOfAFormThatTheLedgerWrites) {
  const auto insert = [](const std::string& column, const std::string& value) {
    std::map<std::string, std::string> row{
        {"account_id", fmt::format("'{}'", a(books()).to_string())},
        {"transfer_id", "gen_random_uuid()"},
        {"counterparty_id", "gen_random_uuid()"},
        {"seq", "2"},
        {"counterparty_seq", "0"},
        {"amount", "0"},
        {"balance_after", "100"},
        {"held_after", "1"},
        {"held_change", "1"},
        {"sent_today", "0"},
        {"created_at", "now()"},
        {"batch_seq", "1"},
        {"chain_id", "1"},
        {"position", "0"},
        {"kind", "6"},
        {"change", "format('{\"expiresAt\":\"%s\"}', now() + interval '1 day')"},
    };
    if (!column.empty()) row[column] = value;
    std::string names, values;
    for (const auto& [name, each] : row) {
      names += (names.empty() ? "" : ", ") + name;
      values += (values.empty() ? "" : ", ") + each;
    }
    return fmt::format("INSERT INTO entries ({}) VALUES ({})", names, values);
  };
  EXPECT_EQ(state_of("", insert("", "")), "");
  for (const auto& [column, value] : std::vector<std::pair<const char*, std::string>>{
           {"seq", "0"},
           {"seq", "-1"},
           {"counterparty_seq", "-1"},
           {"counterparty_seq", "1"},
           {"counterparty_id", fmt::format("'{}'", a(books()).to_string())},
           {"amount", "1"},
           {"amount", "9000000000000001"},
           {"balance_after", "9000000000000001"},
           {"balance_after", "0"},
           {"held_after", "-1"},
           {"held_after", "101"},
           {"sent_today", "-1"},
           {"kind", "0"},
           {"kind", "1"},
           {"kind", "8"},
           {"kind", "9"},
           {"kind", "5"},
           {"held_change", "NULL"},
           {"held_change", "-1"},
           {"kind", "7"},
           {"reference", "gen_random_uuid()"},
           {"idempotency_key", "sha256('')"},
           {"request_hash", "sha256('')"},
           {"refused_items", "'x'"},
           {"note", "repeat('x', 141)"},
       })
    EXPECT_EQ(state_of("", insert(column, value)), kUnsound) << column << " " << value;
  for (const auto* column : {"account_id", "transfer_id", "counterparty_id", "seq", "amount",
                             "balance_after", "held_after", "sent_today", "created_at", "batch_seq",
                             "chain_id", "position", "kind", "counterparty_seq"})
    EXPECT_EQ(state_of("", insert(column, "NULL")), kNotNull) << column;
  for (const auto* change : {"NULL", "'{}'"})
    EXPECT_EQ(state_of("", insert("change", change)), kNotNull) << "a hold has an end: " << change;
}

}  // namespace
}  // namespace instapay::testing
