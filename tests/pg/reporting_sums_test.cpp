#include <gmock/gmock.h>

#include <limits>
#include <set>
#include <tuple>

#include "pg/transfers.h"
#include "queries.h"
#include "reporting/roll_up/activity.h"
#include "reporting/roll_up/question.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using ::testing::ElementsAre;
using testing::kSystemAccount;
using testing::rows_of;
using testing::Transfers;
namespace q = queries::reporting;

using Row = std::vector<std::int64_t>;

std::int64_t us(std::string_view text) { return *parse_time(text); }

// `sums`: the columns that are sums of amounts.
std::vector<Row> numbers(const pg::Rows& rows, int columns, const std::set<int>& sums) {
  std::vector<Row> found;
  for (int i = 0; i < rows.size(); ++i) {
    Row row;
    for (int c = 0; c < columns; ++c) {
      const auto number = [&] {
        return sums.contains(c) ? static_cast<std::int64_t>(rows.total(i, c)) : rows.int64(i, c);
      };
      row.push_back(rows.is_null(i, c) ? -1 : number());
    }
    found.push_back(row);
  }
  std::ranges::sort(found);
  return found;
}

// A range from the first of `starts` to `ends`.
Params range(std::vector<std::int64_t> starts, std::string_view ends) {
  starts.push_back(us(ends));
  return reporting::facts_between(starts);
}

Row row_of(const reporting::Figures& figures) {
  return {figures.transfers.count, static_cast<std::int64_t>(figures.transfers.amount_minor),
          figures.active_users, figures.median.value_or(-1), figures.p95.value_or(-1)};
}

Params entries_of(const Uuid& user, std::string_view begins, std::string_view ends) {
  Params params;
  params.add(user).add_time(us(begins)).add_time(us(ends));
  return params;
}

TEST(SumTransactions, CountsEachTransactionOnceInItsPeriod) {
  Transfers make;
  const Uuid a = make.user("sums1a"), b = make.user("sums1b");
  make.transfer(a, b, 100, "2001-01-01T00:00:00Z");        // the first moment
  make.transfer(b, a, 25, "2001-01-01T23:59:59.999999Z");  // the last one of a day
  make.transfer(a, b, 7, "2001-01-02T00:00:00Z");          // the next day
  make.transfer(kSystemAccount, a, 100000, "2001-01-02T05:00:00Z", "", 3);
  make.transfer(b, a, 9, "2001-01-03T00:00:00Z");         // the moment after the range
  make.transfer(b, a, 9, "2000-12-31T23:59:59.999999Z");  // the moment before
  auto db = Database::connect("reporting");
  const auto rows = rows_of(db.query(
      q::sum_transactions,
      range({us("2001-01-01T00:00:00Z"), us("2001-01-02T00:00:00Z")}, "2001-01-03T00:00:00Z")));
  EXPECT_THAT(numbers(rows, 4, {3}),
              ElementsAre(Row{0, 1, 2, 125}, Row{1, 1, 1, 7}, Row{1, 3, 1, 100000}));
}

TEST(SumTransactions, NothingIsNoRow) {
  auto db = Database::connect("reporting");
  EXPECT_TRUE(rows_of(db.query(q::sum_transactions,
                               range({us("1999-01-01T00:00:00Z")}, "1999-01-02T00:00:00Z")))
                  .empty());
  EXPECT_TRUE(rows_of(db.query(q::sum_transactions,
                               range({us("2001-01-01T00:00:00Z")}, "2001-01-01T00:00:00Z")))
                  .empty());
}

// A thousand transfers of the largest amount are more than 64 bits hold.
TEST(Sums, AreExactBeyond64Bits) {
  constexpr int kTransfers = 1'100;
  constexpr std::int64_t kAmount_minor = kAmountMax_minor / 100 * 99;  // others get grants too
  constexpr Total kSum = Total{kTransfers} * kAmount_minor;
  static_assert(kSum > std::numeric_limits<std::int64_t>::max());
  Transfers make;
  const Uuid a = make.user("sums9a"), b = make.user("sums9b");
  make.transfer(kSystemAccount, a, kAmount_minor, "2001-05-01T00:00:00Z", "", 3);
  for (int i = 0; i < kTransfers; ++i)
    make.transfer(i % 2 == 0 ? a : b, i % 2 == 0 ? b : a, kAmount_minor, "2001-06-01T00:00:00Z");
  auto db = Database::connect("reporting");
  const auto begins = "2001-06-01T00:00:00Z", ends = "2001-06-02T00:00:00Z";
  EXPECT_EQ(rows_of(db.query(q::sum_transactions, range({us(begins)}, ends))).total(0, 3), kSum);
  const auto rows = rows_of(db.query(q::list_transfers, range({us(begins)}, ends)));
  EXPECT_EQ(reporting::add_up(rows, 1, 0)->whole.transfers, (reporting::Sum{kTransfers, kSum}));
  Params flow = entries_of(a, begins, ends);
  flow.add_time_array(std::vector{us(begins)});
  const auto flows = rows_of(db.query(q::sum_entries, flow));
  EXPECT_EQ(flows.total(0, 2) + flows.total(0, 4), kSum);
  const auto partners = rows_of(db.query(q::rank_counterparties, entries_of(a, begins, ends)));
  EXPECT_EQ(partners.total(0, 4) + partners.total(0, 5), kSum);
}

TEST(SumEntries, InAndOutOfOneAccount) {
  Transfers make;
  const Uuid a = make.user("sums2a"), b = make.user("sums2b");
  make.transfer(kSystemAccount, a, 5000, "2002-01-01T00:00:00Z", "", 3);
  make.transfer(a, b, 300, "2002-01-01T10:00:00Z");
  make.transfer(b, a, 100, "2002-01-02T10:00:00Z");
  make.transfer(b, a, 1, "2002-01-03T00:00:00Z");
  auto db = Database::connect("reporting");
  Params params = entries_of(a, "2002-01-01T00:00:00Z", "2002-01-03T00:00:00Z");
  params.add_time_array(std::vector{us("2002-01-01T00:00:00Z"), us("2002-01-02T00:00:00Z")});
  EXPECT_THAT(numbers(rows_of(db.query(q::sum_entries, params)), 5, {2, 4}),
              ElementsAre(Row{0, 1, 5000, 1, 300}, Row{1, 1, 100, 0, 0}));
}

TEST(RankCounterparties, ByMoneyMovedWithoutSystemAccounts) {
  Transfers make;
  const Uuid a = make.user("sums3a"), b = make.user("sums3b"), c = make.user("sums3c");
  make.transfer(kSystemAccount, a, 100000, "2003-01-01T00:00:00Z", "", 3);
  make.transfer(a, b, 50, "2003-01-01T01:00:00Z");
  make.transfer(a, c, 30, "2003-01-01T02:00:00Z");
  make.transfer(c, a, 40, "2003-01-01T03:00:00Z");
  auto db = Database::connect("reporting");
  const auto rows = rows_of(db.query(
      q::rank_counterparties, entries_of(a, "2003-01-01T00:00:00Z", "2004-01-01T00:00:00Z")));
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows.uuid(0, 0), c);
  EXPECT_EQ(std::tuple(rows.int64(0, 3), rows.total(0, 4), rows.total(0, 5)),
            std::tuple(2, 40, 30));
  EXPECT_EQ(rows.text(1, 1), "sums3b");
}

TEST(ListTransfers, ActivityByPeriodAndOfTheWhole) {
  Transfers make;
  const Uuid a = make.user("sums5a"), b = make.user("sums5b"), c = make.user("sums5c");
  make.transfer(a, b, 10, "2005-01-01T00:00:00Z");
  make.transfer(a, b, 30, "2005-01-01T01:00:00Z");
  make.transfer(b, c, 50, "2005-01-02T01:00:00Z");
  make.transfer(kSystemAccount, a, 7, "2005-01-02T02:00:00Z", "", 3);  // makes nobody active
  auto db = Database::connect("reporting");
  const auto rows = rows_of(db.query(
      q::list_transfers,
      range({us("2005-01-01T00:00:00Z"), us("2005-01-02T00:00:00Z")}, "2005-01-03T00:00:00Z")));
  const auto activity = reporting::add_up(rows, 2, 0);
  ASSERT_TRUE(activity);
  EXPECT_THAT(row_of(activity->periods[0]), ElementsAre(2, 40, 2, 10, 30));
  EXPECT_THAT(row_of(activity->periods[1]), ElementsAre(1, 50, 2, 50, 50));
  EXPECT_THAT(row_of(activity->whole), ElementsAre(3, 90, 3, 30, 50));
  EXPECT_EQ(reporting::add_up(rows, 2, 1)->whole.active_users, 2);
}

TEST(ListTransfers, NoTransferHasNoMedian) {
  auto db = Database::connect("reporting");
  const auto rows = rows_of(
      db.query(q::list_transfers, range({us("1998-01-01T00:00:00Z")}, "1999-01-01T00:00:00Z")));
  EXPECT_THAT(row_of(reporting::add_up(rows, 1, 0)->whole), ElementsAre(0, 0, 0, -1, -1));
}

TEST(CountArrivals, ByPeriod) {
  Transfers make;
  make.user("sums6a");
  make.user("sums6b");
  auto db = Database::connect("reporting");
  const std::int64_t now = now_us();
  Params params;
  params.add_time(now - kDay_us).add_time(now + kDay_us).add_time_array(std::vector{now - kDay_us});
  const auto arrived = rows_of(db.query(q::count_arrivals, params));
  ASSERT_EQ(arrived.size(), 1);
  EXPECT_GE(arrived.int64(0, 1), 2);
}

TEST(CheckBooks, ASystemThatIsNew) {
  auto db = Database::connect("reporting");
  const auto rows = rows_of(db.query(q::check_books, Params().add(reporting::kOpenTransfersMax)));
  EXPECT_EQ(rows.total(0, 0), 0);
  EXPECT_GE(rows.int64(0, 1), 2);
}

TEST(ListChains, TheirHeads) {
  auto owner = Database::connect();
  // Far from the chains that other tests make.
  ASSERT_TRUE(
      owner.exec("INSERT INTO ledger_batches SELECT 90001, seq, h, h, sha256(convert_to(seq::text, "
                 "'UTF8')), CASE WHEN seq = 2 THEN 0 ELSE 5 END, seq = 2, clock_timestamp(), "
                 "CASE WHEN seq <> 2 THEN h END "
                 "FROM generate_series(1, 3) seq, (SELECT sha256('x') AS h) x"));
  auto db = Database::connect("reporting");
  const auto rows = rows_of(db.query(q::list_chains));
  ASSERT_GE(rows.size(), 1);
  EXPECT_EQ(rows.int64(0, 0), 90001);
  EXPECT_THAT((Row{rows.int64(0, 1), rows.int64(0, 2), rows.int64(0, 3)}), (Row{3, 3, 10}));
}

TEST(ReportingRole, WritesRollUpsOnly) {
  auto db = Database::connect("reporting");
  for (const auto* sql :
       {"UPDATE accounts SET status = status", "DELETE FROM entries", "DELETE FROM users",
        "INSERT INTO ledger_batches SELECT * FROM ledger_batches",
        "SELECT password_hash FROM users", "SELECT * FROM refresh_tokens", "CREATE TABLE mine ()",
        "DELETE FROM transfer_search", "TRUNCATE report_sketches",
        "INSERT INTO report_chains (chain_id) VALUES (1)", "DELETE FROM report_chains",
        "UPDATE report_chains SET chain_id = 1"}) {
    const auto done = db.exec(sql);
    ASSERT_FALSE(done) << sql;
    EXPECT_EQ(done.error().sqlstate, "42501") << sql;
  }
}

}  // namespace
}  // namespace instapay
