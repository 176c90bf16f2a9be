// Roll-ups against the entries themselves, to the last minor unit, wherever folding stands.
#include <gmock/gmock.h>

#include <random>
#include <thread>

#include "pg/ledger_books.h"
#include "pg/transfers.h"
#include "queries.h"
#include "reporting/chain_follower.h"
#include "reporting/roll_up/activity.h"
#include "reporting/roll_up/check.h"
#include "reporting/roll_up/cover.h"
#include "reporting/roll_up/question.h"

namespace instapay::reporting {
namespace {

using testing::Books;
using ::testing::HasSubstr;
using testing::kSystemAccount;
using testing::rows_of;
using testing::Transfers;
namespace q = queries::reporting;

constexpr pg::Statement kStraightSums{
    "test/sums",
    "SELECT width_bucket(created_at, $3::timestamptz[]) - 1, kind, count(*), sum(-amount)::text "
    "FROM entries WHERE amount < 0 AND created_at >= $1::timestamptz "
    "AND created_at < $2::timestamptz GROUP BY 1, 2"};
constexpr pg::Statement kStraightActivity{
    "test/activity",
    "SELECT width_bucket(created_at, $3::timestamptz[]) - 1, count(*) FILTER (WHERE amount < 0), "
    "(sum(amount) FILTER (WHERE amount > 0))::text, count(DISTINCT account_id), "
    "percentile_disc(0.5) WITHIN GROUP (ORDER BY amount) FILTER (WHERE amount > 0), "
    "percentile_disc(0.95) WITHIN GROUP (ORDER BY amount) FILTER (WHERE amount > 0) "
    "FROM entries WHERE kind = 1 AND created_at >= $1::timestamptz "
    "AND created_at < $2::timestamptz GROUP BY 1"};

using Cell = std::pair<std::int64_t, std::int64_t>;  // period, kind

std::map<Cell, Sum> sums_of(const pg::Rows& rows) {
  std::map<Cell, Sum> sums;
  for (int i = 0; i < rows.size(); ++i)
    sums[{rows.int64(i, 0), rows.int64(i, 1)}] = {rows.int64(i, 2), rows.total(i, 3)};
  return sums;
}

std::string to_text(const std::map<Cell, Sum>& sums) {
  std::string text;
  for (const auto& [cell, sum] : sums)
    text += fmt::format("{}/{}: {} {}\n", cell.first, cell.second, sum.count,
                        format_amount(sum.amount_minor, Currency{"", 0}));
  return text;
}

void expect_percentile(std::optional<std::int64_t> found, std::int64_t exact) {
  ASSERT_TRUE(found);
  EXPECT_LE(*found, exact);
  EXPECT_GE(*found, exact - exact / 64);
}

// Both in one snapshot, so that it may be held against each other at any moment.
void expect_agreement(pg::Connection& db, const std::vector<std::int64_t>& cuts) {
  ASSERT_TRUE(db.exec("BEGIN ISOLATION LEVEL REPEATABLE READ"));
  pg::Params straight;
  straight.add_time(cuts.front()).add_time(cuts.back());
  straight.add_time_array(std::span(cuts).first(cuts.size() - 1));
  EXPECT_EQ(to_text(sums_of(rows_of(db.query(q::sum_transactions, facts_between(cuts))))),
            to_text(sums_of(rows_of(db.query(kStraightSums, straight)))));
  const auto activity =
      add_up(rows_of(db.query(q::list_transfers, facts_between(cuts))), cuts.size() - 1, 0);
  const auto rows = rows_of(db.query(kStraightActivity, straight));
  Sum whole;
  for (int i = 0; i < rows.size(); ++i) {
    const Figures& found = activity->periods.at(static_cast<std::size_t>(rows.int64(i, 0)));
    const Sum sum{rows.int64(i, 1), rows.total(i, 2)};
    whole += sum;
    EXPECT_EQ(found.transfers, sum);
    EXPECT_EQ(found.active_users, rows.int64(i, 3));
    expect_percentile(found.median, rows.int64(i, 4));
    expect_percentile(found.p95, rows.int64(i, 5));
  }
  EXPECT_EQ(activity->whole.transfers, whole);
  ASSERT_TRUE(db.exec("COMMIT"));
}

constexpr std::int64_t kBegins_us = 978'307'200 * kSecond_us;  // 2001-01-01

// Of every size between a microsecond and weeks, often on a bucket's edge.
std::int64_t random_time(std::mt19937_64& random) {
  constexpr std::int64_t kUnits_us[] = {1, kSecond_us, 900 * kSecond_us, 3600 * kSecond_us,
                                        kDay_us};
  return floor_to(kBegins_us + static_cast<std::int64_t>(random() % (70 * kDay_us)),
                  kUnits_us[random() % 5]);
}

std::vector<std::int64_t> random_cuts(std::mt19937_64& random) {
  std::set<std::int64_t> cuts;
  const std::size_t wanted = 2 + random() % 12;
  while (cuts.size() < wanted) cuts.insert(random_time(random));
  return {cuts.begin(), cuts.end()};
}

class RollUps : public ::testing::Test {
 protected:
  RollUps() : reports_(books_.open("reporting")) {
    for (int i = 0; i < 3; ++i) {
      chains_.emplace_back(books_.open(""));
      for (int j = 0; j < 4; ++j)
        people_.push_back(chains_.back().user(fmt::format("person{}", people_.size())));
    }
  }

  void pay(Transfers& chain) {
    const Uuid payer = people_.at(random_() % people_.size());
    Uuid payee = payer;
    while (payee == payer) payee = people_.at(random_() % people_.size());
    const auto amount = static_cast<std::int64_t>(1 + random_() % (1 + random_() % 5'000));
    const auto kind = static_cast<std::int16_t>(random_() % 4 == 0 ? 2 : 1);
    chain.transfer(payer, payee, amount, format_time(random_time(random_)), "", kind);
  }
  void pay(int times) {
    for (; times > 0; --times) pay(chains_.at(random_() % chains_.size()));
  }

  static Followed fold_once(pg::Connection& db) {
    auto done = follow(db, roll_ups());
    if (!done) throw std::runtime_error(done.error().message);
    return *done;
  }
  static void fold_all(pg::Connection& db) {
    while (fold_once(db).outcome != Followed::Outcome::nothing_new) {
    }
  }
  std::string difference() {
    auto db = books_.open("");
    const auto check = check_roll_ups(db, {});
    return check ? check->difference : "cannot read: " + check.error().message;
  }

  Books books_;
  pg::Connection reports_;
  std::vector<Transfers> chains_;
  std::vector<Uuid> people_;
  std::mt19937_64 random_{2026};
};

TEST_F(RollUps, AgreeWithTheEntriesWhereverFoldingStands) {
  for (int round = 0; round < 60; ++round) {
    pay(static_cast<int>(random_() % 8));
    if (random_() % 3 == 0) fold_once(reports_);
    expect_agreement(reports_, random_cuts(random_));
  }
  EXPECT_GT(books_.number("SELECT sum(transfers)::bigint FROM report_chains"), 100);
  fold_all(reports_);
  expect_agreement(reports_, random_cuts(random_));
  EXPECT_EQ(difference(), "");
}

TEST_F(RollUps, AgreeWhilePaymentsGoOnAndTwoFold) {
  std::jthread payer([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) pay(1);
  });
  const auto folds = [this](const std::stop_token& stop) {
    auto db = books_.open("reporting");
    while (!stop.stop_requested()) fold_once(db);
  };
  std::jthread first(folds), second(folds);
  std::mt19937_64 random(3);
  for (int round = 0; round < 40; ++round) expect_agreement(reports_, random_cuts(random));
  for (auto* thread : {&payer, &first, &second}) thread->request_stop();
  payer.join();
  first.join();
  second.join();
  fold_all(reports_);
  expect_agreement(reports_, random_cuts(random));
  EXPECT_EQ(difference(), "");
}

// Its connection ends after it has written and before it commits.
TEST_F(RollUps, AFoldThatEndsInTheMiddleHasDoneNothing) {
  pay(30);
  books_.sql(
      "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
      "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
      "CREATE TRIGGER dies AFTER INSERT ON report_sketches FOR EACH STATEMENT "
      "EXECUTE FUNCTION die()");
  auto dying = books_.open("reporting");
  EXPECT_FALSE(follow(dying, roll_ups()));
  EXPECT_EQ(books_.number("SELECT sum(seq)::bigint FROM report_chains"), 0);
  EXPECT_EQ(books_.number("SELECT count(*) FROM report_sums"), 0);
  expect_agreement(reports_, random_cuts(random_));
  books_.sql("DROP TRIGGER dies ON report_sketches");
  fold_all(reports_);
  expect_agreement(reports_, random_cuts(random_));
  EXPECT_EQ(difference(), "");
}

TEST_F(RollUps, WhileSomebodyElseFoldsNothingIsDone) {
  auto other = books_.open("reporting");
  ASSERT_TRUE(other.exec("BEGIN"));
  ASSERT_TRUE(other.query(q::try_follow_lock, pg::Params().add(0))->front().ours);
  EXPECT_EQ(fold_once(reports_).outcome, Followed::Outcome::somebody_else);
  ASSERT_TRUE(other.exec("ROLLBACK"));
  EXPECT_EQ(fold_once(reports_).outcome, Followed::Outcome::moved);
  EXPECT_EQ(fold_once(reports_).outcome, Followed::Outcome::nothing_new);
}

TEST_F(RollUps, AVoidBatchIsPassedOver) {
  books_.sql(
      "INSERT INTO ledger_batches SELECT 81000, 1, h, h, h, 0, true, now(), NULL "
      "FROM sha256('x') AS h");
  fold_all(reports_);
  EXPECT_EQ(books_.number("SELECT seq FROM report_chains WHERE chain_id = 81000"), 1);
  EXPECT_EQ(difference(), "");
}

TEST_F(RollUps, ABatchThatIsNotWholeIsNotFoldedAndTheOthersAre) {
  pay(20);
  books_.sql(
      "INSERT INTO ledger_batches SELECT 81000, 1, h, h, h, 3, false, clock_timestamp(), h "
      "FROM sha256('x') AS h");
  books_.sql(
      "INSERT INTO ledger_batches SELECT 81001, s, h, h, sha256(s::text::bytea), 0, true, now(), "
      "NULL FROM sha256('x') AS h, unnest(ARRAY[1, 3]) AS s");
  auto done = fold_once(reports_);
  EXPECT_THAT(done.problem, HasSubstr("have 0 transfers, not 3"));
  EXPECT_EQ(done.transfers, 32);
  books_.sql(
      "SET session_replication_role = replica; DELETE FROM ledger_batches "
      "WHERE chain_id = 81000");
  EXPECT_THAT(fold_once(reports_).problem, HasSubstr("chain 81001 has a gap between 0 and 3"));
}

// As after a backup was restored beside tables of later: they are of batches that are not there.
TEST_F(RollUps, BeginAnewWhenTheyAreAheadOfTheChains) {
  pay(20);
  fold_all(reports_);
  books_.sql(
      "UPDATE report_chains SET seq = seq + 5 WHERE seq = (SELECT max(seq) FROM report_chains)");
  EXPECT_EQ(fold_once(reports_).outcome, Followed::Outcome::began_anew);
  expect_agreement(reports_, random_cuts(random_));
  fold_all(reports_);
  EXPECT_EQ(difference(), "");
}

// Batches that are far apart are folded apart: entries are found by their time.
TEST_F(RollUps, AStretchIsShortInTime) {
  for (const int seq : {1, 2, 3, 4})
    books_.sql(
        fmt::format("INSERT INTO ledger_batches SELECT 82000, {}, h, h, sha256('{}'), 0, "
                    "true, now() - interval '1 day' * {}, NULL FROM sha256('x') AS h",
                    seq, seq, seq == 4 ? 0 : 5));
  pg::Params params;
  params.add(0).add(kFollowTransfersMax).add_array(std::vector<std::int32_t>{});
  const auto first =
      reports_.query(q::next_batches, std::move(params.add(kFollowBatchesMax).add(kFollowSpan_s)));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->front().chain_id, 82000);
  EXPECT_EQ(first->front().last_seq, 3);
  fold_all(reports_);
  EXPECT_EQ(books_.number("SELECT seq FROM report_chains WHERE chain_id = 82000"), 4);
  EXPECT_EQ(difference(), "");
}

TEST_F(RollUps, ATransactionTakesWhatItsFollowerMay) {
  fold_all(reports_);
  pay(5);
  Follower careful = roll_ups();
  careful.transfers_max = 1;
  const auto done = follow(reports_, careful);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->outcome, Followed::Outcome::moved);
  EXPECT_EQ(done->batches, 1);
  EXPECT_TRUE(done->is_more);
  EXPECT_LT(payment_pushes().transfers_max, roll_ups().transfers_max);
}

TEST_F(RollUps, WhatIsAheadOfThemIsLimited) {
  pay(5);
  auto asks = [this](std::int64_t at_most) {
    return reports_.query(q::check_books, pg::Params().add(at_most));
  };
  const auto refused = asks(10);
  ASSERT_FALSE(refused);
  EXPECT_EQ(report_error(refused.error()).code, Code::reports_behind);
  EXPECT_EQ(rows_of(asks(17)).int64(0, 2), 34);  // with twelve opening grants
  fold_all(reports_);
  EXPECT_EQ(rows_of(asks(0)).int64(0, 2), 34);
  EXPECT_EQ(rows_of(asks(0)).total(0, 0), 0);
}

TEST_F(RollUps, TheAuditFindsOneThatDisagreesAndARebuildMakesItRight) {
  pay(60);
  fold_all(reports_);
  ASSERT_EQ(difference(), "");
  auto owner = books_.open("");
  const auto one = [](std::string_view table, int minutes) {
    return fmt::format(
        "WHERE (minutes, begins_at) = (SELECT minutes, begins_at FROM {} WHERE "
        "minutes = {} AND begins_at > '2000-01-01' LIMIT 1)",
        table, minutes);
  };
  std::vector<std::string> changes{
      "INSERT INTO report_sums VALUES (15, '2001-01-01 00:15Z', 4, 1, 5)",
      "INSERT INTO report_sums VALUES (15, '1999-01-01 00:15Z', 1, 1, 5)",
      "INSERT INTO report_sums VALUES (45, '2001-01-01 00:15Z', 1, 1, 5)",
      "INSERT INTO report_sums VALUES (46080, '1990-01-01 00:15Z', 1, 1, 5)",
      "DELETE FROM report_sums",
      "DELETE FROM report_sketches",
      "UPDATE report_chains SET seq = 0 WHERE seq > 0",
      "UPDATE report_chains SET seq = seq + 1",
      "UPDATE report_chains SET transfers = transfers - 1 WHERE transfers > 0",
      "UPDATE report_chains SET entries = entries + 1",
      "UPDATE report_chains SET amount = 1",
      "DELETE FROM report_chains WHERE chain_id = (SELECT max(chain_id) FROM report_chains)",
  };
  for (const int minutes : {15, 60, 240, 1'440, 46'080}) {
    changes.push_back("UPDATE report_sums SET amount = amount + 1 " + one("report_sums", minutes));
    changes.push_back("UPDATE report_sums SET transfers = transfers + 1 " +
                      one("report_sums", minutes));
    changes.push_back("UPDATE report_sketches SET users = users || '0'::bytea " +
                      one("report_sketches", minutes));
    changes.push_back("UPDATE report_sketches SET amounts = '' " + one("report_sketches", minutes));
    changes.push_back("DELETE FROM report_sketches " + one("report_sketches", minutes));
    changes.push_back("DELETE FROM report_sums " + one("report_sums", minutes));
  }
  for (const std::string& change : changes) {
    ASSERT_TRUE(
        owner.exec("CREATE TABLE saved_chains AS TABLE report_chains;"
                   "CREATE TABLE saved_sums AS TABLE report_sums;"
                   "CREATE TABLE saved_sketches AS TABLE report_sketches"));
    ASSERT_TRUE(owner.exec(change)) << change;
    EXPECT_NE(difference(), "") << change;
    ASSERT_TRUE(owner.exec(
        "DELETE FROM report_chains; DELETE FROM report_sums; DELETE FROM report_sketches;"
        "INSERT INTO report_chains TABLE saved_chains; INSERT INTO report_sums TABLE saved_sums;"
        "INSERT INTO report_sketches TABLE saved_sketches;"
        "DROP TABLE saved_chains, saved_sums, saved_sketches"));
  }
  ASSERT_TRUE(owner.exec(changes.back()));
  ASSERT_TRUE(begin_anew(owner, roll_ups()));
  expect_agreement(reports_, random_cuts(random_));
  fold_all(reports_);
  expect_agreement(reports_, random_cuts(random_));
  EXPECT_EQ(difference(), "");
}

}  // namespace
}  // namespace instapay::reporting
