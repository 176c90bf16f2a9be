// What a follower reads of a table that is much larger than what is new to it: the block ranges of
// the right time, since it has them summarized (migration 0033).
#include <gtest/gtest.h>

#include <thread>

#include "pg/ledger_books.h"
#include "reporting/follower_worker.h"

namespace instapay::testing {
namespace {

class BlockSummaries : public ::testing::Test {
 protected:
  static constexpr std::int64_t kNewestLeftAlone = 512 / 32 + 1;  // ranges, with the one begun

  Books books_;
  AccountId a_ = books_.wallet(1'000), b_ = books_.wallet(500);

  /// Entries of another day, as many as fill more than a thousand blocks.
  void fill() const {
    books_.sql(
        "SET statement_timeout = 0; SET session_replication_role = replica;"
        "INSERT INTO entries (account_id, transfer_id, counterparty_id, seq, counterparty_seq,"
        " amount, balance_after, sent_today, created_at, batch_seq, chain_id, position, kind)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 1, 1, side, 5, 0,"
        " now() - interval '9 days', 1, 1, 0, 1"
        " FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 25000)) t,"
        " (VALUES (5), (-5)) AS s (side)");
    books_.sql("ANALYZE entries");  // as autovacuum does
  }
  std::int64_t summarize(std::int64_t from_block) const {
    auto db = books_.open("reporting");
    return rows_of(db.query({"summarize", "SELECT summarize_entries($1::bigint)"},
                            pg::Params().add(from_block)))
        .int64(0, 0);
  }
  std::int64_t ranges_left() const {
    return books_.number("SELECT brin_summarize_new_values('entries_blocks')");
  }
  /// Blocks that the call reads, in its plan's words: "Buffers: shared hit=12 read=3".
  std::int64_t blocks_read(const std::string& call) const {
    auto db = books_.open("");
    const std::string sql = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) SELECT * FROM " + call;
    rows_of(db.query({"warm", sql}));
    const auto rows = rows_of(db.query({"explain", sql}));
    std::int64_t blocks = 0;
    for (int i = 0; i < rows.size(); ++i) {
      const std::string line(rows.text(i, 0));
      if (line.find("Buffers: shared") == std::string::npos) continue;
      for (const auto* word : {"hit=", "read="})
        if (const auto at = line.find(word); at != std::string::npos)
          blocks += std::stoll(line.substr(at + std::string_view(word).size()));
      break;
    }
    return blocks;
  }
  std::string newest_batch() const {
    return books_.text(
        "SELECT format('%s, %s, %s', chain_id, seq - 1, seq) FROM ledger_batches "
        "ORDER BY committed_at DESC, seq DESC LIMIT 1");
  }
};

TEST_F(BlockSummaries, EverythingAtFirstThenWhatWasFilledSince) {
  EXPECT_EQ(summarize(0), 0) << "a small table is read whole";
  fill();
  const std::int64_t filled = summarize(0);
  EXPECT_GT(filled, 400);
  EXPECT_EQ(ranges_left(), 0);
  fill();
  const std::int64_t more = summarize(filled);
  EXPECT_GT(more, filled + 900);
  EXPECT_EQ(summarize(more), more);
  const std::int64_t left = ranges_left();
  EXPECT_GE(left, kNewestLeftAlone - 1) << "rows still come into those";
  EXPECT_LE(left, kNewestLeftAlone);
  EXPECT_EQ(summarize(more * 100), more) << "as beside a table that a restore made shorter";
}

TEST_F(BlockSummaries, GiveWayToVacuum) {
  fill();
  auto vacuum = books_.open("");
  ASSERT_TRUE(vacuum.exec("BEGIN; LOCK TABLE entries IN SHARE UPDATE EXCLUSIVE MODE"));
  EXPECT_EQ(summarize(0), 0);
  ASSERT_TRUE(vacuum.exec("ROLLBACK"));
  EXPECT_GT(summarize(0), 0);
}

TEST_F(BlockSummaries, AreForThoseWhoFollow) {
  EXPECT_EQ(books_.state_of("user", "SELECT summarize_entries(0)"), "");
  EXPECT_EQ(books_.state_of("reporting", "SELECT summarize_entries(0)"), "");
  EXPECT_EQ(books_.state_of("transaction", "SELECT summarize_entries(0)"), "42501");
}

TEST_F(BlockSummaries, WhatIsNewIsFoundWithoutReadingTheRest) {
  fill();
  books_.commit({Books::pay(a_, b_, 1)});
  const std::string look = "batch_window(" + newest_batch() + ")";
  EXPECT_GT(blocks_read(look), 900);
  summarize(0);
  EXPECT_LT(blocks_read(look), 100);
}

TEST_F(BlockSummaries, NoEntryIsReadForMailsThatNobodyWants) {
  fill();
  books_.commit({Books::pay(a_, b_, 1)});
  const std::string look = "mail_batches(" + newest_batch() + ")";
  EXPECT_LT(blocks_read(look), 50);
  books_.sql("INSERT INTO notice_settings (user_id, money_in) VALUES ('" + b_.to_string() +
             "', true)");
  EXPECT_GT(blocks_read(look), 900);
  EXPECT_EQ(books_.number("SELECT count(*) FROM mail_outbox WHERE kind = 'money_in'"), 1);
}

TEST_F(BlockSummaries, AFollowerSeesToIt) {
  fill();
  {
    const reporting::FollowerWorker worker(reporting::search_index(),
                                           {books_.url(), "instapay_reporting", "instapay tests"});
    while (books_.number("SELECT count(*) FROM transfer_search_chains") == 0)
      std::this_thread::yield();
  }
  EXPECT_LE(ranges_left(), kNewestLeftAlone);
}

}  // namespace
}  // namespace instapay::testing
