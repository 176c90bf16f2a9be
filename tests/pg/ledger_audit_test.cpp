// The audit finds what anybody with all rights could do to the books, one row at a time: every
// column of accounts, entries and ledger_batches is changed, rows are removed, added and reordered,
// as the superuser with triggers and constraints off, and the audit must name what was touched.
//
// Not ledger facts, so not audited: accounts.version, status, transfer_limit, daily_limit and
// created_at. Not to be seen from the rows alone: the last row of a chain when it is a void mark
// (nothing refers to it), and an account without entries.
#include "ledger/audit.h"

#include <thread>

#include "pg/ledger_books.h"

namespace instapay::testing {
namespace {

class LedgerAudit : public ::testing::Test {
 protected:
  // Three wallets, several batches with several transfers each, keys, a refund, a void mark.
  static Books& books() {
    static Books shared;
    static const bool filled = fill(shared);
    std::ignore = filled;
    return shared;
  }
  static inline Uuid a, b, c;

  static bool fill(Books& books) {
    a = books.wallet(10'000);
    b = books.wallet(10'000);
    c = books.wallet(10'000);
    books.commit({Books::pay(a, b, 100, 1), Books::pay(b, c, 200, 1), Books::pay(c, a, 300)});
    const Position p = books.position();
    const BatchRow voided{p.chain_id, p.seq, p.prev_hash, merkle_root({}), 0, true, now_us()};
    books.mine().fence(voided, {}).value();
    books.position() = {p.chain_id, p.seq + 1, voided.hash()};
    const Plan paid = books.commit({Books::pay(a, c, 50, 2), Books::pay(b, a, 60)});
    Order refund{.payer = c,
                 .payee = a,
                 .amount_minor = 20,
                 .kind = TransferKind::refund,
                 .refund_of = paid.transfers[0].id};
    LoadRequest request = Books::request_for({refund});
    request.refunds = {{c, refund.refund_of}};
    const Plan refunded = books.plan({refund}, books.mine().load(request).value());
    EXPECT_EQ(refunded.transfers.size(), 1U);
    EXPECT_TRUE(books.mine().commit(refunded));
    books.advance(refunded);
    books.commit({Books::pay(a, b, 1), Books::pay(b, c, 2)});
    return true;
  }

  // Tampers with the rows as they were, and audits.
  static std::string difference_after(const std::string& sql) {
    auto tamper = pg::Connection::open({copy(), "", "instapay tests"});
    std::string all = "SET session_replication_role = replica;";
    for (const auto* table : {"accounts", "entries", "ledger_batches"})
      all += std::string("TRUNCATE ") + table + "; INSERT INTO " + table + " SELECT * FROM saved." +
             table + ";";
    if (auto done = tamper->exec(all + sql); !done)
      return "could not tamper: " + done.error().message;
    auto db = pg::Connection::open({copy(), "instapay_reporting", "instapay tests"});
    const auto report = audit(*db, {});
    if (!report) return "audit failed: " + report.error().message;
    EXPECT_EQ(report->balanced, report->difference.empty());
    return report->difference;
  }

  // A copy without the constraints that would be in a tamperer's way, with the rows kept aside.
  static const std::string& copy() {
    static const std::string url = [] {
      std::string copied = books().url();
      const std::string source = copied.substr(copied.find("dbname=") + 7);
      Books::exec(Database::connect(),
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                      source + "'");
      auto admin = Database::connect();
      // Until the last session there has gone.
      for (int i = 0; i < 100; ++i) {
        if (admin.exec("CREATE DATABASE " + source + "_copy TEMPLATE " + source)) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
      copied.replace(copied.find("dbname="), std::string::npos, "dbname=" + source + "_copy");
      auto db = pg::Connection::open({copied, "", "instapay tests"});
      EXPECT_TRUE(db->exec(
          "DO $$ DECLARE c record; BEGIN FOR c IN SELECT conrelid::regclass AS t, conname FROM"
          " pg_constraint WHERE contype IN ('c', 'p') AND conrelid IN ('accounts'::regclass,"
          " 'entries'::regclass, 'ledger_batches'::regclass) LOOP EXECUTE format("
          "'ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname); END LOOP; END $$;"
          "DROP INDEX entries_idempotency; CREATE SCHEMA saved;"
          "CREATE TABLE saved.accounts AS TABLE accounts;"
          "CREATE TABLE saved.entries AS TABLE entries;"
          "CREATE TABLE saved.ledger_batches AS TABLE ledger_batches"));
      return copied;
    }();
    return url;
  }

  static std::string text(std::string_view sql) {
    auto db = books().open("");
    return std::string(rows_of(db.query({"text", sql})).text(0, 0));
  }
};

TEST_F(LedgerAudit, GoodBooksPass) {
  auto db = books().open("reporting");
  std::int64_t seen = 0;
  const auto report = audit(db, [&](const AuditProgress& p) { seen = std::max(seen, p.entries); });
  ASSERT_TRUE(report);
  EXPECT_EQ(report->difference, "");
  EXPECT_TRUE(report->balanced);
  EXPECT_EQ(report->entries, 22);
  EXPECT_EQ(seen, 22);
  EXPECT_EQ(report->batches, 8);
  EXPECT_EQ(report->chains, 1);
  EXPECT_EQ(report->accounts, 5);
  EXPECT_EQ(report->in_circulation_minor, 30'000);
  EXPECT_EQ(difference_after("SELECT 1"), "");
}

struct Tampering {
  const char* what;
  const char* sql;
};

// The columns of a table that no row of the list changes.
std::string untouched(pg::Connection& db, const std::string& table,
                      std::span<const Tampering> list) {
  std::string missing;
  const auto rows = rows_of(db.query(
      {"columns",
       "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1::text"},
      pg::Params().add(table)));
  for (int i = 0; i < rows.size(); ++i) {
    const std::string column(rows.text(i, 0));
    if (std::ranges::none_of(
            list, [&](const Tampering& t) { return std::string_view(t.what).starts_with(column); }))
      missing += " " + column;
  }
  return missing;
}

// One entry of the middle of the books, on the payer's side and with a key.
constexpr std::string_view kPaid =
    " WHERE (account_id, transfer_id) = (SELECT account_id, transfer_id FROM entries"
    " WHERE idempotency_key IS NOT NULL ORDER BY transfer_id LIMIT 1)";

TEST_F(LedgerAudit, EveryColumnOfEntries) {
  const std::string transfer = text(
      "SELECT transfer_id::text FROM entries WHERE idempotency_key IS NOT NULL ORDER BY "
      "transfer_id LIMIT 1");
  const auto list = std::to_array<Tampering>({
      {"account_id", "account_id = gen_random_uuid()"},
      {"account_id of a system account", "account_id = '00000000-0000-0000-0000-000000000002'"},
      // To another digit, whichever it was.
      {"transfer_id",
       "transfer_id = overlay(transfer_id::text placing translate(right(transfer_id::text, 1),"
       " '0123456789abcdef', '123456789abcdef0') from 36)::uuid"},
      {"counterparty_id", "counterparty_id = gen_random_uuid()"},
      {"refund_of", "refund_of = gen_random_uuid()"},
      {"refund_of zero", "refund_of = '00000000-0000-0000-0000-000000000000'"},
      {"amount", "amount = amount - 1"},
      {"amount sign", "amount = -amount"},
      {"balance_after", "balance_after = balance_after + 1"},
      {"created_at", "created_at = created_at + interval '1 microsecond'"},
      {"batch_seq", "batch_seq = batch_seq + 1"},
      {"chain_id", "chain_id = chain_id + 1"},
      {"position", "position = position + 1"},
      {"position below", "position = -1"},
      {"kind", "kind = 2"},
      {"idempotency_key",
       "idempotency_key = set_byte(idempotency_key, 3, get_byte(idempotency_key, 3) # 1)"},
      {"idempotency_key gone", "idempotency_key = NULL"},
      {"idempotency_key and hash gone", "idempotency_key = NULL, request_hash = NULL"},
      {"idempotency_key longer", "idempotency_key = idempotency_key || '\\x00'"},
      {"idempotency_key shorter", "idempotency_key = substr(idempotency_key, 1, 15)"},
      {"request_hash", "request_hash = set_byte(request_hash, 3, get_byte(request_hash, 3) # 1)"},
      {"request_hash gone", "request_hash = NULL"},
      {"request_hash longer", "request_hash = request_hash || '\\x00'"},
      {"note", "note = 'coffee'"},
      {"note gone", "note = NULL"},
      {"note empty", "note = ''"},
  });
  auto db = books().open("");
  EXPECT_EQ(untouched(db, "entries", list), "");
  const std::string batch =
      "batch " + text(
                     "SELECT batch_seq::text FROM entries WHERE idempotency_key IS NOT NULL ORDER "
                     "BY transfer_id LIMIT 1");
  for (const auto& [what, change] : list) {
    const std::string difference =
        difference_after(std::string("UPDATE entries SET ") + change + std::string(kPaid));
    // A key or its hash is in the Merkle root only, and a root names its batch, not the leaf.
    const bool only_hashed = std::string_view(what) == "idempotency_key" ||
                             std::string_view(what) == "idempotency_key and hash gone" ||
                             std::string_view(what) == "request_hash";
    const bool renamed = std::string_view(what) == "transfer_id";
    if (renamed) {
      EXPECT_NE(difference.find("transfer "), std::string::npos) << what << ": " << difference;
    } else if (only_hashed) {
      EXPECT_NE(difference.find(batch), std::string::npos) << what << ": " << difference;
    } else {
      EXPECT_NE(difference.find(transfer), std::string::npos) << what << ": " << difference;
    }
  }
}

TEST_F(LedgerAudit, TheReceiversEntryToo) {
  const std::string transfer = text(
      "SELECT transfer_id::text FROM entries WHERE idempotency_key IS NOT NULL ORDER BY "
      "transfer_id LIMIT 1");
  const std::string where = " WHERE amount > 0 AND transfer_id = '" + transfer + "'";
  for (const auto* change :
       {"amount = amount + 1", "balance_after = balance_after - 1",
        "created_at = created_at - interval '1 s'", "batch_seq = batch_seq - 1", "chain_id = 9",
        "position = 2", "kind = 4", "note = 'milk'", "note = NULL",
        "idempotency_key = substr(sha256(''), 1, 16), request_hash = substr(sha256(''), 1, 16)",
        "request_hash = substr(sha256(''), 1, 16)", "counterparty_id = gen_random_uuid()",
        "account_id = gen_random_uuid()", "refund_of = gen_random_uuid()"}) {
    const std::string difference =
        difference_after(std::string("UPDATE entries SET ") + change + where);
    EXPECT_NE(difference.find(transfer), std::string::npos) << change << ": " << difference;
  }
}

TEST_F(LedgerAudit, BothEntriesAlike) {
  // Nothing but the hash can tell: it names the batch.
  const std::string transfer = text(
      "SELECT transfer_id::text FROM entries WHERE idempotency_key IS NOT NULL ORDER BY "
      "transfer_id LIMIT 1");
  for (const auto* change :
       {"note = 'coffee'", "created_at = created_at + interval '1 microsecond'", "kind = 4",
        "refund_of = account_id", "position = 1 - position", "chain_id = 7",
        "batch_seq = batch_seq + 2", "amount = amount * 2"}) {
    const std::string difference = difference_after(std::string("UPDATE entries SET ") + change +
                                                    " WHERE transfer_id = '" + transfer + "'");
    EXPECT_NE(difference, "") << change;
    EXPECT_EQ(difference.find("could not"), std::string::npos) << difference;
  }
}

TEST_F(LedgerAudit, EntriesRemovedAddedReordered) {
  const std::string transfer =
      text("SELECT transfer_id::text FROM entries ORDER BY transfer_id OFFSET 8 LIMIT 1");
  const std::string where = " WHERE transfer_id = '" + transfer + "'";
  for (const std::string& sql :
       {"DELETE FROM entries" + where + " AND amount > 0",
        "DELETE FROM entries" + where + " AND amount < 0",
        "INSERT INTO entries SELECT * FROM entries" + where + " AND amount > 0",
        "INSERT INTO entries SELECT * FROM entries" + where})
    EXPECT_NE(difference_after(sql).find(transfer), std::string::npos)
        << sql << ": " << difference_after(sql);
  EXPECT_NE(difference_after("DELETE FROM entries" + where).find("missing"), std::string::npos);
  // A transfer from nowhere, well formed and balanced.
  const std::string forged =
      "INSERT INTO entries SELECT CASE WHEN s = 1 THEN account_id ELSE counterparty_id END,"
      " '01900000-0000-7000-8000-000000000000', CASE WHEN s = 1 THEN counterparty_id ELSE "
      "account_id END,"
      " NULL, s * 5, 5, created_at, batch_seq, chain_id, position, kind FROM entries,"
      " (VALUES (1), (-1)) AS v (s)" +
      where + " AND amount > 0";
  EXPECT_NE(difference_after(forged).find("01900000-0000-7000-8000-000000000000"),
            std::string::npos)
      << difference_after(forged);
  // Two transfers of a batch change places.
  const std::string swapped =
      "UPDATE entries SET position = 1 - position WHERE (chain_id, batch_seq) ="
      " (SELECT chain_id, batch_seq FROM entries WHERE idempotency_key IS NOT NULL"
      " ORDER BY transfer_id DESC LIMIT 1)";
  EXPECT_NE(difference_after(swapped).find("batch "), std::string::npos)
      << difference_after(swapped);
}

TEST_F(LedgerAudit, EveryColumnOfAccounts) {
  const auto list = std::to_array<Tampering>({
      {"id", "id = gen_random_uuid()"},
      {"kind", "kind = 1"},
      {"balance", "balance = balance + 1"},
      {"balance below zero", "balance = -balance"},
      {"sent_day", "sent_day = sent_day - 1"},
      {"sent_today", "sent_today = 0"},
      {"last_entry_at", "last_entry_at = last_entry_at + interval '1 microsecond'"},
      // Not ledger facts: what an operator sets, and what only the writers' race needs.
      {"status", nullptr},
      {"version", nullptr},
      {"transfer_limit", nullptr},
      {"daily_limit", nullptr},
      {"created_at", nullptr},
  });
  auto db = books().open("");
  EXPECT_EQ(untouched(db, "accounts", list), "");
  const std::string name = a.to_string();
  for (const auto& [what, change] : list) {
    if (change == nullptr) continue;
    const std::string difference = difference_after(std::string("UPDATE accounts SET ") + change +
                                                    " WHERE id = '" + name + "'");
    const bool renamed = std::string_view(what) == "id";
    EXPECT_NE(difference.find(renamed ? "account " : name), std::string::npos)
        << what << ": " << difference;
  }
  EXPECT_EQ(
      difference_after("UPDATE accounts SET version = version + 3, status = 1, daily_limit = 5,"
                       " transfer_limit = 6, created_at = now()"),
      "");
}

TEST_F(LedgerAudit, AccountsRemovedAndAdded) {
  const std::string name = a.to_string();
  EXPECT_NE(difference_after("DELETE FROM accounts WHERE id = '" + name + "'").find(name),
            std::string::npos);
  EXPECT_NE(difference_after("INSERT INTO accounts (id, kind, balance) VALUES"
                             " ('00000000-0000-0000-0000-0000000000aa', 0, 5)")
                .find("00000000-0000-0000-0000-0000000000aa"),
            std::string::npos);
  EXPECT_NE(difference_after("INSERT INTO accounts (id, kind) VALUES"
                             " ('00000000-0000-0000-0000-0000000000aa', 1)")
                .find("00000000-0000-0000-0000-0000000000aa"),
            std::string::npos);
  EXPECT_NE(
      difference_after("INSERT INTO accounts SELECT * FROM accounts WHERE id = '" + name + "'")
          .find(name),
      std::string::npos);
}

TEST_F(LedgerAudit, EveryColumnOfBatches) {
  const auto list = std::to_array<Tampering>({
      {"chain_id", "chain_id = 77"},
      {"seq", "seq = 1000"},
      {"prev_hash", "prev_hash = set_byte(prev_hash, 0, get_byte(prev_hash, 0) # 1)"},
      {"merkle_root", "merkle_root = set_byte(merkle_root, 0, get_byte(merkle_root, 0) # 1)"},
      {"hash", "hash = set_byte(hash, 0, get_byte(hash, 0) # 1)"},
      {"hash longer", "hash = hash || '\\x00'"},
      {"merkle_root longer", "merkle_root = merkle_root || '\\x00'"},
      {"prev_hash longer", "prev_hash = prev_hash || '\\x00'"},
      {"transfer_count", "transfer_count = transfer_count + 1"},
      {"void", "void = NOT void"},
      {"committed_at", "committed_at = committed_at + interval '1 microsecond'"},
      {"secret", "secret = CASE WHEN void THEN sha256('') ELSE sha256(secret) END"},
      {"secret gone", "secret = CASE WHEN void THEN '\\x'::bytea END"},
      {"secret longer", "secret = coalesce(secret, sha256('')) || '\\x00'"},
  });
  auto db = books().open("");
  EXPECT_EQ(untouched(db, "ledger_batches", list), "");
  for (const char* seq : {"1", "4", "5", "8"})  // first, a batch of three, the void mark, last
    for (const auto& [what, change] : list) {
      const std::string difference = difference_after(std::string("UPDATE ledger_batches SET ") +
                                                      change + " WHERE seq = " + seq);
      // In another chain it is that chain that has a hole before it.
      const std::string name = std::string_view(what) == "chain_id"
                                   ? "chain 77"
                                   : std::string("batch ") + seq + " of chain";
      const bool named = difference.find(name) != std::string::npos ||
                         difference.find(std::string("batch ") + seq + " of") != std::string::npos;
      EXPECT_TRUE(named) << what << " of " << seq << ": " << difference;
    }
}

TEST_F(LedgerAudit, BatchesRemovedAddedReordered) {
  for (const char* seq : {"1", "4", "5", "8"}) {
    const std::string difference =
        difference_after(std::string("DELETE FROM ledger_batches WHERE seq = ") + seq);
    EXPECT_NE(difference.find(std::string("batch ") + seq + " of chain"), std::string::npos)
        << difference;
  }
  for (const auto* sql :
       {"INSERT INTO ledger_batches SELECT * FROM ledger_batches WHERE seq = 4",
        "INSERT INTO ledger_batches SELECT chain_id, 9, hash, merkle_root, hash, transfer_count, "
        "void,"
        " committed_at, secret FROM ledger_batches WHERE seq = 8",
        "INSERT INTO ledger_batches SELECT 78, seq, prev_hash, merkle_root, hash, transfer_count, "
        "void,"
        " committed_at, secret FROM ledger_batches WHERE seq = 1",
        "UPDATE ledger_batches SET seq = 9 - seq WHERE seq IN (4, 5)",
        "UPDATE ledger_batches SET seq = CASE seq WHEN 6 THEN 7 ELSE 6 END WHERE seq IN (6, 7)"}) {
    const std::string difference = difference_after(sql);
    EXPECT_NE(difference.find("batch "), std::string::npos) << sql << ": " << difference;
  }
}

}  // namespace
}  // namespace instapay::testing
