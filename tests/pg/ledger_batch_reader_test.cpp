// The statement behind ledger/batch_reader: what it reads of a table that is much larger.
// That batches are found whole, wherever they lie, is in tests/api/test_get_receipt.py.
#include <gtest/gtest.h>

#include "pg/ledger_books.h"
#include "queries.h"

namespace instapay::testing {
namespace {

class BatchEntries : public ::testing::Test {
 protected:
  static constexpr std::int64_t kFiller = 25'000;  // transfers; some thousand blocks

  struct World {
    Books books;
    Plan plan;
    std::string ctid;
  };
  // Entries before the batch and behind it, as many as fill a thousand blocks each.
  static World& world() {
    static World shared;
    static const bool made = make(shared);
    std::ignore = made;
    return shared;
  }
  static bool make(World& w) {
    const AccountId a = w.books.wallet(1'000'000), b = w.books.wallet(1'000'000);
    fill(w.books);
    Requests requests;
    for (int i = 0; i < 500; ++i) {
      requests.push_back(Books::pay(a, b, 1));
      requests.push_back(Books::pay(b, a, 1));
    }
    w.plan = w.books.commit(requests);
    fill(w.books);
    w.books.sql("ANALYZE entries");
    auto db = w.books.open("transaction");
    constexpr pg::Statement kWhere{
        "ctid", "SELECT ctid::text FROM entries WHERE transfer_id = $1::uuid LIMIT 1"};
    const auto rows = rows_of(db.query(kWhere, pg::Params().add(w.plan.transfers[500].id)));
    w.ctid = std::string(rows.text(0, 0));
    return true;
  }
  static void fill(const Books& books) {
    books.sql(
        "SET statement_timeout = 0; SET session_replication_role = replica;"
        "INSERT INTO entries (account_id, transfer_id, counterparty_id, seq, counterparty_seq,"
        " amount, balance_after, sent_today, created_at, batch_seq, chain_id, position, kind)"
        " SELECT gen_random_uuid(), id, gen_random_uuid(), 1, 1, side, 5, 0, now(), 1, 1, 0, 1"
        " FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, " +
        std::to_string(kFiller) + ")) t, (VALUES (5), (-5)) AS s (side)");
  }

  static auto read(const std::string& first, const std::string& last) {
    auto db = world().books.open("transaction");
    pg::Params params;
    params.add(world().plan.row.chain_id).add(world().plan.row.seq).add(first).add(last);
    return rows_of(db.query(queries::ledger::batch_entries, params));
  }
  static std::uint32_t block() {
    return static_cast<std::uint32_t>(std::stoul(world().ctid.substr(1)));
  }
  static std::string tid(std::uint32_t block, int line) {
    return "(" + std::to_string(block) + "," + std::to_string(line) + ")";
  }
};

TEST_F(BatchEntries, AreAllThereAroundAnyOfThem) {
  EXPECT_EQ(read(tid(block() - 64, 0), tid(block() + 64, 65535)).size(), 2000);
  EXPECT_LT(read(tid(block(), 0), tid(block(), 65535)).size(), 2000);
  // As the last reach asks: no table has as many blocks.
  EXPECT_EQ(read("(0,0)", "(4294967294,65535)").size(), 2000);
}

// Also with the plan for unknown parameters, which a prepared statement may end up with.
TEST_F(BatchEntries, CostTheBlocksAroundOnly) {
  for (const auto* mode : {"force_custom_plan", "force_generic_plan"}) {
    auto db = world().books.open("transaction");
    ASSERT_TRUE(db.exec(std::string("SET plan_cache_mode = ") + mode + "; PREPARE it AS " +
                        std::string(queries::ledger::batch_entries.sql)));
    const std::string sql = "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) EXECUTE it (" +
                            std::to_string(world().plan.row.chain_id) + "," +
                            std::to_string(world().plan.row.seq) + ",'" + tid(block() - 64, 0) +
                            "','" + tid(block() + 64, 65535) + "')";
    const auto rows = rows_of(db.query({"explain", sql}));
    std::string plan;
    for (int i = 0; i < rows.size(); ++i) plan += std::string(rows.text(i, 0)) + "\n";
    EXPECT_NE(plan.find("Tid Range Scan on entries"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
    // "Buffers: shared hit=129", of some two thousand blocks.
    std::int64_t buffers = 0;
    for (const auto* word : {"shared hit=", "read="})
      if (const auto at = plan.find(word); at != std::string::npos)
        buffers += std::stoll(plan.substr(at + std::string_view(word).size()));
    EXPECT_GE(buffers, 40) << plan;
    EXPECT_LE(buffers, 2 * 64 + 1) << plan;
  }
  EXPECT_GT(world().books.number("SELECT pg_relation_size('entries') / 8192"), 1'500);
}

// When a part of a batch went into holes that vacuum had found.
TEST_F(BatchEntries, AreFoundAnywhereByTheirBlockRanges) {
  world().books.sql("SELECT brin_summarize_new_values('entries_blocks')");
  auto db = world().books.open("transaction");
  const auto place = pg::Params().add(world().plan.row.chain_id).add(world().plan.row.seq);
  EXPECT_EQ(rows_of(db.query(queries::ledger::batch_entries_anywhere, place)).size(), 2000);
  ASSERT_TRUE(db.exec("SET plan_cache_mode = force_generic_plan; PREPARE anywhere AS " +
                      std::string(queries::ledger::batch_entries_anywhere.sql)));
  const auto rows =
      rows_of(db.query({"explain", "EXPLAIN (COSTS OFF) EXECUTE anywhere (" +
                                       std::to_string(world().plan.row.chain_id) + "," +
                                       std::to_string(world().plan.row.seq) + ")"}));
  std::string plan;
  for (int i = 0; i < rows.size(); ++i) plan += std::string(rows.text(i, 0)) + "\n";
  EXPECT_NE(plan.find("entries_blocks"), std::string::npos) << plan;
}

}  // namespace
}  // namespace instapay::testing
