// The audit finds what anybody with all rights could do to the books, one row at a time: every
// column of accounts, entries and ledger_batches is changed, rows are removed, added and reordered,
// as the superuser with triggers and constraints off, and the audit must name what was touched.
//
// No facts of the ledger, so not audited: accounts.created_at. Not to be seen from the rows alone:
// the last row of a chain when it is a void mark (nothing refers to it), and an account without
// entries.
#include "ledger/proof/audit.h"

#include <fmt/format.h>

#include <thread>

#include "pg/ledger_books.h"
#include "pg/ledger_tampering.h"

namespace instapay::testing {
namespace {

class LedgerAudit : public ::testing::Test {
 protected:
  // Three wallets, several batches with several transfers each, keys, a refund, a void mark, holds,
  // settings, and a request of many with all that an entry can have.
  static Books& books() {
    static Books shared;
    static const bool filled = fill(shared);
    std::ignore = filled;
    return shared;
  }
  static inline AccountId a, b, c;
  static inline Transfer rich, control, hold, refund, paid;

  static Request rich_request() {
    Request request = Books::capture(hold, 40);
    request.key = 9;
    request.orders.push_back(request.orders[0]);
    request.orders.back().refused = Code::payee_not_found;
    request.orders[0].note = "tea";
    return request;
  }

  static bool fill(Books& books) {
    a = books.wallet(10'000);
    b = books.wallet(10'000);
    c = books.wallet(10'000);
    paid = books.commit({Books::pay(a, b, 100, 1), Books::pay(b, c, 200, 1), Books::pay(c, a, 300)})
               .transfers[0];
    books.void_next();
    const Plan second = books.commit({Books::pay(a, c, 50, 2), Books::pay(b, a, 60)});
    refund = books.commit({Books::refund(c, a, 20, second.transfers[0].id)}).transfers[0];
    hold = books.commit({Books::hold(a, c, 100)}).transfers[0];
    const auto user = books.store("user");
    const auto set = [&](const Control& control) {
      return books.commit({Books::control(a, control)}, *user).transfers[0];
    };
    set({.limits = OwnLimits{.per_transfer = {}, .per_day = Amount{50'000}}});
    control = set({.status = AccountStatus::frozen,
                   .limits = OwnLimits{.per_transfer = Amount{1'000}, .per_day = {}}});
    set({.status = AccountStatus::active,
         .change = R"("role":{"before":"user","after":"auditor"})"});
    rich = books.commit({rich_request()}).transfers[0];
    books.commit(
        {Books::release(hold), Books::pay(a, b, 1), Books::pay(b, c, 2), Books::hold(b, a, 7)});
    return true;
  }
  static constexpr int kBatches = 13, kEntries = 30;

  static AuditReport audit_copy() {
    auto db = pg::Connection::open({copy(), "instapay_reporting", "instapay tests"});
    auto report = audit(*db, {});
    if (!report) throw std::runtime_error(report.error().message);
    EXPECT_EQ(report->balanced, report->difference.empty());
    return std::move(*report);
  }

  struct Seen {
    bool changed = false;
    std::string difference;
  };
  // Tampers with the rows as they were, and audits.
  static Seen tamper(const std::string& sql) {
    auto db = pg::Connection::open({copy(), "", "instapay tests"});
    std::string all = "SET session_replication_role = replica;";
    for (const auto* table : {"accounts", "entries", "ledger_batches"})
      all += fmt::format("TRUNCATE {0}; INSERT INTO {0} SELECT * FROM saved.{0};", table);
    if (auto done = db->exec(all + sql); !done)
      return {true, "could not tamper: " + done.error().message};
    constexpr pg::Statement kChanged{
        "changed",
        "SELECT EXISTS (TABLE entries EXCEPT ALL TABLE saved.entries) OR"
        " EXISTS (TABLE accounts EXCEPT ALL TABLE saved.accounts) OR"
        " EXISTS (TABLE ledger_batches EXCEPT ALL TABLE saved.ledger_batches)"};
    return {rows_of(db->query(kChanged)).boolean(0, 0), audit_copy().difference};
  }
  static std::string difference_after(const std::string& sql) { return tamper(sql).difference; }

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
          "DO $$ DECLARE c record; BEGIN FOR c IN SELECT attrelid::regclass AS t, attname FROM"
          " pg_attribute WHERE attnotnull AND attnum > 0 AND attrelid IN ('accounts'::regclass,"
          " 'entries'::regclass, 'ledger_batches'::regclass) LOOP EXECUTE format("
          "'ALTER TABLE %s ALTER %I DROP NOT NULL', c.t, c.attname); END LOOP; END $$;"
          "DROP INDEX entries_idempotency; CREATE SCHEMA saved;"
          "CREATE TABLE saved.accounts AS TABLE accounts;"
          "CREATE TABLE saved.entries AS TABLE entries;"
          "CREATE TABLE saved.ledger_batches AS TABLE ledger_batches"));
      return copied;
    }();
    return url;
  }

  static std::string where(const Transfer& transfer, bool payer) {
    return fmt::format(" WHERE transfer_id = '{}' AND account_id = '{}'", transfer.id.to_string(),
                       (payer ? transfer.payer : transfer.payee).to_string());
  }
  static std::string where(const Transfer& transfer) {
    return fmt::format(" WHERE transfer_id = '{}'", transfer.id.to_string());
  }
  // By the transfer's id, unless that was changed, or by the batch where only a hash tells.
  static void expect_named(const Transfer& transfer, const std::string& sql,
                           std::string_view what) {
    const auto [changed, difference] = tamper(sql);
    if (!changed) {
      EXPECT_EQ(difference, "") << what;
      return;
    }
    const std::string batch = fmt::format("batch {} of chain", transfer.place.batch_seq);
    const bool renamed = what == "transfer_id" && difference.contains("transfer ");
    EXPECT_TRUE(difference.contains(transfer.id.to_string()) || difference.contains(batch) ||
                renamed)
        << what << ": '" << difference << "'\n"
        << sql;
    EXPECT_FALSE(difference.contains("could not")) << difference;
  }
};

TEST_F(LedgerAudit, GoodBooksPass) {
  auto db = books().open("reporting");
  std::int64_t seen = 0;
  const auto report = audit(db, [&](const AuditProgress& p) { seen = std::max(seen, p.entries); });
  ASSERT_TRUE(report);
  EXPECT_EQ(report->difference, "");
  EXPECT_TRUE(report->balanced);
  EXPECT_EQ(report->entries, kEntries);
  EXPECT_EQ(seen, kEntries);
  EXPECT_EQ(report->batches, kBatches);
  EXPECT_EQ(report->chains, 1);
  EXPECT_EQ(report->accounts, 5);
  EXPECT_EQ(report->in_circulation_minor, 30'000);
  EXPECT_EQ(report->from_future, 0);
  EXPECT_EQ(difference_after("SELECT 1"), "");
}

TEST_F(LedgerAudit, TheTamperingsAreOfEveryColumn) {
  auto db = books().open("");
  EXPECT_EQ(untouched(db, "entries", kEntryTamperings), "");
  EXPECT_EQ(untouched(db, "ledger_batches", kBatchTamperings), "");
  EXPECT_EQ(untouched(db, "accounts", kAccountTamperings), "created_at");
  // The entry with the most of it all has something in each column but those that exclude it.
  EXPECT_EQ(books().text("SELECT string_agg(key, ' ' ORDER BY key) FROM entries e,"
                         " jsonb_each(to_jsonb(e))" +
                         where(rich, true) + " AND value = 'null'"),
            "change note_hash refund_of");
}

TEST_F(LedgerAudit, EveryColumnOfThePayersEntry) {
  for (const auto& [what, set] : kEntryTamperings)
    expect_named(rich, fmt::format("UPDATE entries SET {}{}", set, where(rich, true)), what);
}

TEST_F(LedgerAudit, EveryColumnOfTheReceiversEntry) {
  for (const auto& [what, set] : kEntryTamperings)
    expect_named(rich, fmt::format("UPDATE entries SET {}{}", set, where(rich, false)), what);
}

// Nothing but the hash can tell, mostly: it names the batch.
TEST_F(LedgerAudit, EveryColumnOfBothEntriesAlike) {
  for (const Transfer* transfer : {&rich, &paid, &refund})
    for (const auto& [what, set] : kEntryTamperings)
      expect_named(*transfer, fmt::format("UPDATE entries SET {}{}", set, where(*transfer)), what);
  for (const auto* set : {"amount = amount * 2, balance_after = balance_after + amount",
                          "counterparty_id = gen_random_uuid(), account_id = gen_random_uuid()",
                          "note = NULL, note_hash = sha256('tea')"})
    expect_named(rich, fmt::format("UPDATE entries SET {}{}", set, where(rich)), set);
}

TEST_F(LedgerAudit, EveryColumnOfEntriesOfOneSide) {
  for (const Transfer* transfer : {&control, &hold})
    for (const auto& [what, set] : kEntryTamperings)
      expect_named(*transfer, fmt::format("UPDATE entries SET {}{}", set, where(*transfer)), what);
}

// In a batch of several the root names the batch.
TEST_F(LedgerAudit, OfAKeyOnlyTheHashTells) {
  for (const auto* set : {"idempotency_key = sha256_half", "request_hash = sha256_half",
                          "idempotency_key = NULL, request_hash = NULL"}) {
    std::string change = set;
    if (const auto at = change.find("sha256_half"); at != std::string::npos)
      change.replace(at, 11, "substr(sha256('other'), 1, 16)");
    const std::string difference =
        difference_after("UPDATE entries SET " + change + where(paid, true));
    EXPECT_TRUE(difference.starts_with("batch 4 of chain ")) << difference;
    EXPECT_TRUE(difference.contains("one of its 3 transfers")) << difference;
  }
}

TEST_F(LedgerAudit, EntriesRemovedAddedReordered) {
  const std::string id = paid.id.to_string();
  for (const std::string& sql :
       {"DELETE FROM entries" + where(paid, false), "DELETE FROM entries" + where(paid, true),
        "INSERT INTO entries SELECT * FROM entries" + where(paid, false),
        "INSERT INTO entries SELECT * FROM entries" + where(paid)})
    EXPECT_TRUE(difference_after(sql).contains(id)) << sql << ": " << difference_after(sql);
  for (const Transfer* transfer : {&paid, &hold, &control})
    EXPECT_TRUE(difference_after("DELETE FROM entries" + where(*transfer)).contains("missing"));
  for (const Transfer* transfer : {&hold, &control})
    expect_named(*transfer, "INSERT INTO entries SELECT * FROM entries" + where(*transfer),
                 "twice");
  // Two transfers of a batch change places.
  const std::string swapped = difference_after(fmt::format(
      "UPDATE entries SET position = 1 - position WHERE batch_seq = {} AND position < 2",
      paid.place.batch_seq));
  EXPECT_TRUE(swapped.starts_with("batch 4 ")) << swapped;
  // Two entries of an account change numbers.
  const std::string turned = difference_after(fmt::format(
      "UPDATE entries SET seq = 5 - seq WHERE account_id = '{}' AND seq IN (2, 3)", a.to_string()));
  EXPECT_TRUE(turned.contains("its two entries do not match")) << turned;
}

// Balanced and in sequence, as the database's guards would let it through, but in no batch.
TEST_F(LedgerAudit, APlantedPairIsNamed) {
  const auto plant = [](const char* place) {
    return fmt::format(
        "INSERT INTO entries (account_id, transfer_id, counterparty_id, seq, counterparty_seq,"
        " amount, balance_after, held_after, sent_today, created_at, chain_id, batch_seq, position,"
        " kind) SELECT own.id, '01900000-0000-7000-8000-000000000000', other.id, own.seq + 1,"
        " other.seq + 1, m, own.balance + m, own.held, own.sent_today, own.last_entry_at, {}, 2"
        " FROM (VALUES ('{}'::uuid, '{}'::uuid, -5), ('{}', '{}', 5)) AS side (own, other, m)"
        " JOIN account_states own ON own.id = side.own"
        " JOIN account_states other ON other.id = side.other",
        place, b.to_string(), c.to_string(), c.to_string(), b.to_string());
  };
  for (const auto* place : {"77, 1, 0", "1, 1000, 0", "1, 4, 0", "1, 4, 3", "1, 5, 0"}) {
    const std::string difference = difference_after(plant(place));
    EXPECT_TRUE(difference.contains("transfer 01900000-0000-7000-8000-000000000000"))
        << place << ": " << difference;
  }
  // With triggers and constraints on, by a service: the guards do not see it, the audit does.
  Books real;
  const AccountId payer = real.wallet(100), payee = real.wallet(100);
  const std::string pair = plant("1, 1000, 0");
  std::string there = pair;
  for (const auto& [from, to] : {std::pair(b, payer), std::pair(c, payee)})
    for (auto at = there.find(from.to_string()); at != std::string::npos;
         at = there.find(from.to_string()))
      there.replace(at, 36, to.to_string());
  Books::exec(real.open("transaction"), there);
  auto db = real.open("reporting");
  const auto report = audit(db, {});
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->balanced);
  EXPECT_TRUE(report->difference.contains("transfer 01900000-0000-7000-8000-000000000000"))
      << report->difference;
}

TEST_F(LedgerAudit, EveryColumnOfAccounts) {
  for (const AccountId& id : {a, b, kOpeningAccount})
    for (const auto& [what, set] : kAccountTamperings) {
      const auto [changed, difference] =
          tamper(fmt::format("UPDATE accounts SET {} WHERE id = '{}'", set, id.to_string()));
      // The opening account has no entries in these books: under another name it is a plain
      // account.
      const bool renamed = what == "id";
      if (changed)
        EXPECT_TRUE(difference.contains(renamed ? "account " : id.to_string()))
            << what << " of " << id.to_string() << ": '" << difference << "'";
    }
  EXPECT_EQ(difference_after("UPDATE accounts SET created_at = now()"), "");
}

TEST_F(LedgerAudit, AccountsRemovedAndAdded) {
  const std::string name = a.to_string();
  const auto contains = [](const std::string& sql, std::string_view id) {
    EXPECT_TRUE(difference_after(sql).contains(id)) << sql << ": '" << difference_after(sql) << "'";
  };
  contains("DELETE FROM accounts WHERE id = '" + name + "'", name);
  contains("DELETE FROM accounts WHERE id = '" + kSettlementAccount.to_string() + "'",
           kSettlementAccount.to_string());
  constexpr auto kNew = "00000000-0000-0000-0000-0000000000aa";
  for (const auto* rest : {"kind) VALUES ('{}', 1)", "kind, status) VALUES ('{}', 0, 1)",
                           "kind, daily_limit) VALUES ('{}', 0, 5)"})
    contains("INSERT INTO accounts (id, " + fmt::format(fmt::runtime(rest), kNew), kNew);
  for (const AccountId& id : {a, b})
    contains("INSERT INTO accounts SELECT * FROM accounts WHERE id = '" + id.to_string() + "'",
             id.to_string());
}

TEST_F(LedgerAudit, EveryColumnOfBatches) {
  // First, a batch of three, the void mark, last.
  for (const std::string& seq :
       {std::string("1"), std::string("4"), std::string("5"), std::to_string(kBatches)})
    for (const auto& [what, change] : kBatchTamperings) {
      const std::string difference =
          difference_after(fmt::format("UPDATE ledger_batches SET {} WHERE seq = {}", change, seq));
      // In another chain it is that chain that has a hole before it.
      const bool named =
          difference.contains(what == "chain_id" ? "chain 77" : "batch " + seq + " of");
      EXPECT_TRUE(named || difference.contains("batch " + seq + " of"))
          << what << " of " << seq << ": " << difference;
    }
}

TEST_F(LedgerAudit, BatchesRemovedAddedReordered) {
  for (const std::string& seq :
       {std::string("1"), std::string("4"), std::string("5"), std::to_string(kBatches)}) {
    const std::string difference =
        difference_after("DELETE FROM ledger_batches WHERE seq = " + seq);
    EXPECT_TRUE(difference.contains("batch " + seq + " of chain")) << difference;
  }
  const std::string columns =
      " hash, merkle_root, hash, transfer_count, void, committed_at, secret";
  for (const std::string& sql :
       {std::string("INSERT INTO ledger_batches SELECT * FROM ledger_batches WHERE seq = 4"),
        fmt::format("INSERT INTO ledger_batches SELECT chain_id, {}, {} FROM ledger_batches "
                    "WHERE seq = {}",
                    kBatches + 1, columns, kBatches),
        "INSERT INTO ledger_batches SELECT 78, seq," + columns +
            " FROM ledger_batches WHERE seq = 1",
        std::string("UPDATE ledger_batches SET seq = 9 - seq WHERE seq IN (4, 5)"),
        std::string("UPDATE ledger_batches SET seq = 13 - seq WHERE seq IN (6, 7)")}) {
    const std::string difference = difference_after(sql);
    EXPECT_TRUE(difference.contains("batch ")) << sql << ": " << difference;
  }
}

}  // namespace
}  // namespace instapay::testing
