// What the audit says of books that were used as they may be, and of what a service's rights allow.
#include <fmt/format.h>

#include "ledger/proof/audit.h"
#include "ledger/proof/leaf.h"
#include "pg/ledger_books.h"

namespace instapay::testing {
namespace {

AuditReport audit_of(const Books& books) {
  auto db = books.open("reporting");
  auto report = audit(db, {});
  if (!report) throw std::runtime_error(report.error().message);
  return std::move(*report);
}

// As whoever erases a note does: the hash that it leaves behind.
std::string erase(const Transfer& transfer, const Hash256& secret, bool payer, bool payee) {
  std::string accounts, seqs, hashes;
  const Hash256 hash = note_part(transfer.note, blinding_of(secret, transfer.place.position).note);
  const auto add = [&](const AccountId& account, const Side& side) {
    const auto* comma = accounts.empty() ? "" : ",";
    accounts += fmt::format("{}'{}'", comma, account.to_string());
    seqs += fmt::format("{}{}", comma, side.seq.value);
    hashes += fmt::format("{}'\\x{}'", comma, to_hex(hash));
  };
  if (payer) add(transfer.payer, transfer.payer_side);
  if (payee) add(transfer.payee, transfer.payee_side);
  return fmt::format(
      "SELECT erase_notes(ARRAY[{}]::uuid[], ARRAY[{}]::bigint[], "
      "ARRAY[{}]::bytea[])",
      accounts, seqs, hashes);
}

TEST(LedgerAuditLife, ErasedNotesLeaveTheBooksBalanced) {
  Books books;
  const AccountId a = books.wallet(1'000), b = books.wallet(1'000);
  const Plan plan = books.commit(
      {Books::pay(a, b, 1), Books::pay(a, b, 2), Books::pay(b, a, 3), Books::pay(b, a, 4)});
  const auto erase_one = [&](std::size_t i, bool payer, bool payee) {
    Books::exec(books.open("user"), erase(plan.transfers[i], plan.row.secret, payer, payee));
  };
  erase_one(0, true, true);
  erase_one(1, true, false);
  erase_one(2, false, true);
  EXPECT_EQ(audit_of(books).difference, "");
  EXPECT_EQ(
      books.number("SELECT count(*) FROM entries WHERE note IS NULL AND note_hash IS NOT NULL"), 4);
  erase_one(1, false, true);
  EXPECT_EQ(audit_of(books).difference, "");
  EXPECT_TRUE(audit_of(books).balanced);
}

TEST(LedgerAuditLife, AnErasureThatLeavesAnotherHashIsFound) {
  for (const bool both : {false, true}) {
    Books books;
    const AccountId a = books.wallet(1'000), b = books.wallet(1'000);
    const Plan plan = books.commit({Books::pay(a, b, 1)});
    Transfer other = plan.transfers[0];
    other.note = "coffee";
    Books::exec(books.open("user"), erase(other, plan.row.secret, true, both));
    EXPECT_TRUE(audit_of(books).difference.contains(fmt::format("batch {} of chain", plan.row.seq)))
        << audit_of(books).difference;
  }
}

TEST(LedgerAuditLife, SettingsWithoutAControlEntryAreFound) {
  for (const auto* set : {"status = 1", "status = 2", "transfer_limit = 5", "daily_limit = 0"}) {
    Books books;
    const AccountId a = books.wallet(1'000);
    Books::exec(books.open("user"),
                fmt::format("UPDATE accounts SET {} WHERE id = '{}'", set, a.to_string()));
    const AuditReport report = audit_of(books);
    EXPECT_FALSE(report.balanced);
    EXPECT_TRUE(report.difference.contains("account " + a.to_string())) << report.difference;
  }
}

TEST(LedgerAuditLife, EntriesFromTheFutureAreReported) {
  Books books;
  const AccountId a = books.wallet(1'000), b = books.wallet(1'000);
  EXPECT_EQ(audit_of(books).from_future, 0);
  Request ahead = Books::pay(a, b, 10);
  ahead.now = Time{now_us() + 3600 * kSecond_us};
  books.commit({ahead, ahead});
  const AuditReport report = audit_of(books);
  EXPECT_EQ(report.difference, "");
  EXPECT_EQ(report.from_future, 4);
}

// The clock ran ahead over midnight, was set right, and the day came: what was sent on each day is
// counted on that day, by whoever wrote it and by the audit alike.
TEST(LedgerAuditLife, AfterAClockThatRanAheadTheBooksBalance) {
  Books books;
  const AccountId a = books.wallet(1'000), b = books.wallet(1'000);
  const Time now{now_us()};
  const auto pay_at = [&](std::int64_t days, std::int64_t minor) {
    Request request = Books::pay(a, b, minor);
    request.now = Time{now.us + days * kDay_us};
    books.commit({request});
    EXPECT_EQ(audit_of(books).difference, "") << days << ": " << minor;
  };
  pay_at(0, 1);
  pay_at(1, 10);
  pay_at(0, 2);
  pay_at(0, 3);
  pay_at(1, 20);  // when the day comes that the wrong clock began, it begins anew
  pay_at(2, 100);
  EXPECT_EQ(
      books.text(fmt::format("SELECT string_agg(sent_today::text, ' ' ORDER BY seq) FROM entries"
                             " WHERE account_id = '{}' AND seq > 1",
                             a.to_string())),
      "1 10 3 6 20 100");
}

// Its memory does not grow with the number of batches: each is forgotten once it is whole.
TEST(LedgerAuditLife, FewBatchesAreRememberedHoweverManyThereAre) {
  Books books;
  const AccountId a = books.wallet(1'000), b = books.wallet(1'000);
  const Requests requests{Books::pay(a, b, 1)};
  for (int i = 0; i < 700; ++i) {
    if (i == 300) books.begin_again();
    const Plan plan = books.plan(requests, books.mine().load(Books::request_for(requests)).value());
    ASSERT_TRUE(books.mine().commit(plan));
    books.advance(plan);
  }
  const AuditReport report = audit_of(books);
  EXPECT_EQ(report.difference, "");
  EXPECT_EQ(report.batches, 702);
  EXPECT_GT(report.batches_held_max, 0U);
  EXPECT_LT(report.batches_held_max, 400U);
}

// Chains of several committers, one of which has written nothing.
TEST(LedgerAuditLife, ChainsAreCountedThatHaveBatches) {
  Books books;
  const AccountId a = books.wallet(1'000), b = books.wallet(1'000);
  books.begin_again();
  books.begin_again();
  books.commit({Books::pay(a, b, 1)});
  books.void_next();
  const AuditReport report = audit_of(books);
  EXPECT_EQ(report.difference, "");
  EXPECT_EQ(report.chains, 2);
  EXPECT_EQ(report.batches, 4);
}

}  // namespace
}  // namespace instapay::testing
