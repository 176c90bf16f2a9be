// The table that transfers are searched in, followed from the chains.
#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "pg/ledger_books.h"
#include "queries.h"
#include "reporting/chain_follower.h"

namespace instapay::testing {
namespace {

using reporting::Followed;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SearchIndex : public ::testing::Test {
 protected:
  Books books_;
  AccountId a_ = books_.wallet(1'000), b_ = books_.wallet(500);
  pg::Connection service_ = books_.open("reporting");

  Followed step() { return step(service_); }
  static Followed step(pg::Connection& db) {
    auto done = reporting::follow(db, reporting::search_index());
    if (!done) throw std::runtime_error(done.error().message);
    return *done;
  }
  // What every payer's entry says, in the order of ids; the same of what is searched.
  std::string entries() const {
    return books_.text(
        "SELECT string_agg(ROW(transfer_id, reference, -amount, created_at, kind, note)::text, ';' "
        "ORDER BY transfer_id) FROM entries WHERE amount < 0");
  }
  std::string searched() const {
    return books_.text(
        "SELECT coalesce(string_agg(s::text, ';' ORDER BY transfer_id), '') FROM transfer_search "
        "s");
  }
  std::string note_of(const Uuid& transfer) const {
    return books_.text(
        "SELECT coalesce(note, '(none)') FROM transfer_search WHERE transfer_id = '" +
        transfer.to_string() + "'");
  }
  bool is_all_indexed() const {
    return books_.number(
               "SELECT count(*) FROM ledger_batches b LEFT JOIN transfer_search_chains k USING "
               "(chain_id) WHERE b.seq > coalesce(k.seq, 0)") == 0;
  }
  Uuid pay(std::string note, std::int64_t minor = 1) {
    Request request = Books::pay(a_, b_, minor);
    request.orders[0].note = std::move(note);
    return books_.commit({request}).transfers[0].id;
  }

  // As the transaction service asks, whatever there is.
  static std::vector<Uuid> find(pg::Connection& db, const std::string& pattern) {
    pg::Params params;
    params.add(Uuid::first_v7(now_us() + kDay_us)).add_time(0).add_time(now_us() + kDay_us);
    params.add_null().add(pattern).add_null().add_null().add(100'000);
    const auto rows = rows_of(db.query(queries::transaction::find_transfers,
                                       std::move(params.add(1'000'000).add(1'000'000).add_null())));
    EXPECT_EQ(rows.int64(0, 14), 0);
    std::vector<Uuid> ids;
    for (int i = 0; i < rows.size(); ++i)
      if (!rows.is_null(i, 0)) ids.push_back(rows.uuid(i, 0));
    return ids;
  }
  std::vector<Uuid> find(const std::string& pattern) {
    auto db = books_.open("transaction");
    return find(db, pattern);
  }

  static pg::Result<pg::Rows> erase(pg::Connection& db, const Uuid& transfer, char side) {
    return db.query(
        {"test/erase",
         "SELECT erase_notes(ARRAY[account_id], ARRAY[seq], ARRAY[sha256('')]) FROM entries "
         "WHERE transfer_id = $1::uuid AND (amount < 0) = $2::boolean"},
        pg::Params().add(transfer).add(side == '<'));
  }
};

TEST_F(SearchIndex, FollowsEveryChainWithoutGapsAndOnce) {
  books_.commit({Books::pay(a_, b_, 10), Books::pay(b_, a_, 5)});
  books_.void_next();
  books_.begin_again();
  books_.commit({Books::hold(a_, b_, 100), Books::pay(a_, b_, 20)});
  const Followed first = step();
  EXPECT_EQ(first.outcome, Followed::Outcome::moved);
  EXPECT_EQ(first.transfers, 6) << "two of the wallets' money, three payments, and a hold";
  EXPECT_EQ(first.batches, 5) << "with the void one";
  EXPECT_EQ(searched(), entries());
  EXPECT_TRUE(is_all_indexed());
  EXPECT_EQ(step().outcome, Followed::Outcome::nothing_new);

  books_.commit({Books::pay(b_, a_, 1)});
  EXPECT_FALSE(is_all_indexed());
  EXPECT_EQ(step().transfers, 1);
  EXPECT_EQ(searched(), entries());
}

TEST_F(SearchIndex, WhatIsNotIndexedYetIsFoundToo) {
  const Uuid old = pay("a needle of long ago");
  EXPECT_THAT(find("%needle%"), ElementsAre(old)) << "as after an update, when nothing is there";
  step();
  EXPECT_THAT(find("%needle%"), ElementsAre(old));
  const Uuid fresh = pay("another needle");
  EXPECT_THAT(find("%NEEDLE%"), ElementsAre(fresh, old));
  step();
  EXPECT_THAT(find("%needle%"), ElementsAre(fresh, old));
  EXPECT_THAT(find("%haystack%"), IsEmpty());
}

// Whatever the table goes through: what was paid before one asked is found, and once.
TEST_F(SearchIndex, IsRightWhilePaymentsGoOnAndTwoFollowAndItIsRebuilt) {
  const auto follows = [&](const std::stop_token& stop) {
    auto db = books_.open("reporting");
    while (!stop.stop_requested()) step(db);
  };
  std::jthread first(follows), second(follows);
  std::jthread rebuilds([&](const std::stop_token& stop) {
    auto owner = books_.open("");
    while (!stop.stop_requested())
      if (!reporting::begin_anew(owner, reporting::search_index())) ADD_FAILURE();
  });
  auto db = books_.open("transaction");
  std::vector<Uuid> paid;
  for (int round = 0; round < 60; ++round) {
    paid.insert(paid.begin(), pay("needle"));
    ASSERT_EQ(find(db, "%needle%"), paid);
  }
  rebuilds.request_stop();
  rebuilds.join();
  for (auto* thread : {&first, &second}) thread->request_stop();
  first.join();
  second.join();
  step();
  EXPECT_EQ(searched(), entries());
}

TEST_F(SearchIndex, BuildsTheSameAgain) {
  books_.commit({Books::pay(a_, b_, 10)});
  step();
  const std::string before = searched();
  books_.sql("DELETE FROM transfer_search_chains");
  step();
  EXPECT_EQ(searched(), before) << "all were there";
  auto owner = books_.open("");
  ASSERT_TRUE(reporting::begin_anew(owner, reporting::search_index()));
  EXPECT_EQ(searched(), "");
  step();
  EXPECT_EQ(searched(), before);
}

// As after a backup was restored beside a table of later: it has transfers that are not there.
TEST_F(SearchIndex, BeginsAnewWhenItIsAheadOfTheChains) {
  step();
  const Plan lost = books_.commit({Books::pay(a_, b_, 10)});
  step();
  books_.sql("SET session_replication_role = replica; DELETE FROM entries WHERE batch_seq = " +
             std::to_string(lost.row.seq) +
             "; DELETE FROM ledger_batches WHERE seq = " + std::to_string(lost.row.seq));
  EXPECT_EQ(note_of(lost.transfers[0].id), "tea");
  EXPECT_EQ(step().outcome, Followed::Outcome::began_anew);
  EXPECT_EQ(searched(), "");
  step();
  EXPECT_EQ(searched(), entries());
}

TEST_F(SearchIndex, StopsBeforeANumberThatIsMissing) {
  const Plan batch = books_.commit({Books::pay(a_, b_, 10)});
  books_.sql("SET session_replication_role = replica; DELETE FROM ledger_batches WHERE seq = " +
             std::to_string(batch.row.seq));
  books_.commit({Books::pay(a_, b_, 10)});
  EXPECT_THAT(step().problem, ::testing::HasSubstr("has a gap"));
  EXPECT_EQ(books_.number("SELECT count(*) FROM transfer_search_chains"), 0);
}

TEST_F(SearchIndex, ABatchThatIsNotWholeIsNotCarriedOver) {
  step();
  books_.sql(
      "INSERT INTO ledger_batches SELECT 81000, 1, h, h, h, 3, false, clock_timestamp(), h "
      "FROM sha256('x') AS h");
  const Uuid other = pay("of another chain");
  EXPECT_THAT(step().problem, ::testing::HasSubstr("have 0 transfers, not 3"));
  EXPECT_EQ(note_of(other), "of another chain");
  EXPECT_EQ(books_.number("SELECT count(*) FROM transfer_search_chains WHERE chain_id = 81000"), 0);
}

TEST_F(SearchIndex, IsOneProcessAtATimeAndThenAnother) {
  books_.commit({Books::pay(a_, b_, 10)});
  auto other = books_.open("reporting");
  ASSERT_TRUE(other.exec("BEGIN; SELECT lock_search()"));
  EXPECT_EQ(step().outcome, Followed::Outcome::somebody_else);
  EXPECT_EQ(searched(), "");
  ASSERT_TRUE(other.exec("ROLLBACK"));
  EXPECT_EQ(step().transfers, 3);
}

TEST_F(SearchIndex, NoTextComesBackThatWasErased) {
  const Uuid indexed = pay("secret");
  step();
  const Uuid waiting = pay("secret");
  auto user = books_.open("user");
  ASSERT_TRUE(erase(user, indexed, '>'));
  EXPECT_EQ(note_of(indexed), "secret") << "the payer still has it";
  EXPECT_THAT(find("%secret%"), ElementsAre(waiting, indexed));
  ASSERT_TRUE(user.exec("BEGIN"));
  ASSERT_TRUE(erase(user, indexed, '<'));
  EXPECT_EQ(note_of(indexed), "secret") << "not before the transaction ends";
  ASSERT_TRUE(user.exec("COMMIT"));
  EXPECT_EQ(note_of(indexed), "(none)");
  EXPECT_THAT(find("%secret%"), ElementsAre(waiting));

  // Somebody is at it, and has read the text: the erasure waits, and finds what was written.
  ASSERT_TRUE(service_.exec("BEGIN; SELECT lock_search()"));
  ASSERT_TRUE(service_.exec(
      "SELECT index_batches(chain_id, seq - 1, seq) FROM ledger_batches ORDER BY chain_id, seq"));
  auto erasing = std::async(std::launch::async, [&] {
    auto both = books_.open("user");
    return erase(both, waiting, '>').has_value() && erase(both, waiting, '<').has_value();
  });
  auto watcher = books_.open("");
  await_lock_wait(watcher);
  ASSERT_TRUE(service_.exec("COMMIT"));
  ASSERT_TRUE(erasing.get());
  EXPECT_EQ(note_of(waiting), "(none)");
  EXPECT_THAT(find("%secret%"), IsEmpty());
}

// The payer's copy goes, the payee's stays: operators see the payer's.
TEST_F(SearchIndex, ANoteThatOnlyThePayeeStillHasIsNotFound) {
  const Uuid paid = pay("between us");
  step();
  auto user = books_.open("user");
  ASSERT_TRUE(erase(user, paid, '<'));
  EXPECT_EQ(note_of(paid), "between us");
  EXPECT_THAT(find("%between us%"), IsEmpty());
  ASSERT_TRUE(erase(user, paid, '>'));
  EXPECT_EQ(note_of(paid), "(none)");
}

}  // namespace
}  // namespace instapay::testing
