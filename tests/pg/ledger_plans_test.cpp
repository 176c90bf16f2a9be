// How statements find entries in a table of many: by its primary key or an index, never by reading
// all of it. With the plan for known parameters and with the one for unknown ones, which a prepared
// statement may end up with.
#include <fmt/format.h>

#include "pg/ledger_books.h"
#include "queries.h"

namespace instapay::testing {
namespace {

// 300 wallets of 200 entries each, in the order of time.
const Books& filled() {
  static Books books;
  static const bool made = [] {
    books.sql(
        "SET statement_timeout = 0; SET session_replication_role = replica;"
        "CREATE TABLE ids AS SELECT n, gen_random_uuid() AS id FROM generate_series(0, 299) n;"
        "INSERT INTO accounts (id, kind) SELECT id, 0 FROM ids;"
        "INSERT INTO accounts (id, kind) SELECT gen_random_uuid(), 0 FROM generate_series(1, 9999);"
        "INSERT INTO entries (account_id, transfer_id, counterparty_id, seq, counterparty_seq,"
        " amount, balance_after, sent_today, created_at, batch_seq, chain_id, position, kind, note)"
        " SELECT own.id, gen_random_uuid(), other.id, s, s, CASE own.n % 2 WHEN 0 THEN -1 ELSE 1 "
        "END,"
        " 1000, 0, timestamptz '2020-01-01' + s * interval '1 hour', s, 1, own.n, 1, 'tea'"
        " FROM generate_series(1, 200) s, ids own JOIN ids other ON other.n = (own.n # 1);"
        "ANALYZE; SELECT brin_summarize_new_values('entries_blocks')");
    return true;
  }();
  std::ignore = made;
  return books;
}

struct Case {
  const char* role;
  pg::Statement statement;
  std::string arguments;
  std::string settings = {};
};

std::string plan_of(const Case& each, const char* mode) {
  auto db = filled().open(each.role);
  if (auto done = db.exec(fmt::format("SET plan_cache_mode = {}; {}; PREPARE it AS {}", mode,
                                      each.settings, each.statement.sql));
      !done)
    return done.error().message;
  const std::string sql = fmt::format("EXPLAIN (COSTS OFF) EXECUTE it ({})", each.arguments);
  const auto rows = rows_of(db.query({"explain", sql}));
  std::string plan;
  for (int i = 0; i < rows.size(); ++i) plan += std::string(rows.text(i, 0)) + "\n";
  return plan;
}

std::string account() {
  static const std::string id = "'" + filled().text("SELECT id::text FROM ids WHERE n = 150") + "'";
  return id;
}

void expect_index(const Case& each, const std::string& index) {
  for (const auto* mode : {"force_custom_plan", "force_generic_plan"}) {
    const std::string plan = plan_of(each, mode);
    EXPECT_TRUE(plan.contains(index)) << each.statement.name << ", " << mode << "\n" << plan;
    EXPECT_FALSE(plan.contains("Seq Scan on entries"))
        << each.statement.name << ", " << mode << "\n"
        << plan;
    EXPECT_FALSE(plan.contains("Seq Scan on accounts"))
        << each.statement.name << ", " << mode << "\n"
        << plan;
  }
}

TEST(Plans, OfAHistoryAreWalksOfThePrimaryKey) {
  const std::string from_until = "'2020-01-02', '2020-01-05'", top = "9223372036854775807";
  namespace t = queries::transaction;
  namespace r = queries::reporting;
  for (const Case& each : {
           Case{"transaction", t::list_entries, account() + "," + top + "," + from_until + ", 51"},
           Case{"transaction", t::list_entries, account() + "," + top + ", NULL, NULL, 51"},
           Case{"transaction", t::filter_entries,
                account() + "," + top + "," + from_until +
                    ", 1::smallint, '%a%', 1, 9, NULL, 51, 100"},
           Case{"transaction", t::filter_entries,
                account() + "," + top + ", NULL, NULL, 0::smallint, NULL, 1, NULL, " + account() +
                    ", 51, 100"},
           Case{"transaction", t::search_entries,
                account() + "," + top + "," + from_until + ", 1::smallint, '%a%', 1, 9, 51, 100"},
           Case{"transaction", t::entries_after, account() + ", 190"},
           Case{"transaction", t::list_payees, account() + ", 8"},
           Case{"transaction", t::stream_start, account()},
           Case{"transaction", t::find_account, account()},
           Case{"reporting", r::sum_entries,
                account() + "," + from_until + ", ARRAY['2020-01-02'::timestamptz]"},
           Case{"reporting", r::rank_counterparties, account() + "," + from_until},
           Case{"user", queries::user::find_balance_after, account() + ", 5"},
           Case{"user", queries::user::export_entries, account() + ", 5"},
           Case{"user", queries::user::find_notes, account() + ", 5"},
           Case{"user", queries::user::balance_at, account() + ", '2020-01-05'"},
           Case{"reporting", r::range_balances, account() + "," + from_until},
       }) {
    expect_index(each, "entries_pkey");
  }
}

TEST(Plans, OfAMomentAreProbesOfThePrimaryKey) {
  // Back from the last entry in growing steps and a binary search between: two probes for each
  // doubling of the account's length, of some pages of the key each.
  auto db = filled().open("transaction");
  const std::string sql = fmt::format(
      "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) SELECT entries_before({}, '2020-01-05')",
      account());
  std::ignore = db.query({"warm", fmt::format("SELECT entries_before({}, now())", account())});
  const auto rows = rows_of(db.query({"explain", sql}));
  std::string plan;
  for (int i = 0; i < rows.size(); ++i) plan += std::string(rows.text(i, 0)) + "\n";
  const auto at = plan.find("shared hit=");
  ASSERT_NE(at, std::string::npos) << plan;
  EXPECT_LE(std::stoll(plan.substr(at + 11)), 160) << plan;
}

TEST(Plans, OfTheLedgersOwnStatements) {
  namespace l = queries::ledger;
  const std::string settings =
      "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off";
  const std::string ids = "ARRAY[" + account() + "]::uuid[]";
  const std::string entry = "entries_pkey", key = "entries_idempotency";
  for (const auto& [statement, arguments, index] :
       std::vector<std::tuple<pg::Statement, std::string, std::string>>{
           {l::load_accounts, ids + ", '2020-01-01', now(), true", entry},
           {l::check_heads, ids + ", ARRAY[200]::bigint[]", entry},
           {l::find_keys, ids + ", ARRAY[sha256('')], ARRAY[3]", entry},
           {l::find_keys, ids + ", ARRAY[sha256('')], ARRAY[3]", key},
           {l::refunded_amounts, ids + "," + ids, "entries_transfers"},
           {l::refunded_amounts, ids + "," + ids, "entries_refunds"},
       })
    expect_index({"transaction", statement, arguments, settings}, index);
}

// A page begins where the last one ended: nothing is sorted.
TEST(Plans, OfAPageAreInTheKeysOrder) {
  namespace t = queries::transaction;
  const std::string rest = ", 9223372036854775807, '2020-01-02', '2020-01-05'";
  for (const Case& each : {
           Case{"transaction", t::list_entries, account() + rest + ", 51"},
           Case{"transaction", t::filter_entries,
                account() + rest + ", 1::smallint, '%a%', 1, 9, NULL, 51, 100"},
           Case{"transaction", t::search_entries,
                account() + rest + ", 1::smallint, '%a%', 1, 9, 51, 100"},
       })
    expect_index(each, "Index Scan Backward using entries_pkey");
}

TEST(Plans, OfOneTransferAndOfEverybodys) {
  namespace t = queries::transaction;
  expect_index({"reporting", queries::reporting::list_actions,
                "'2020-01-05', " + account() + ", 5, '2020-01-02', NULL, NULL, NULL, 51"},
               "entries_operators_actions");
  expect_index({"transaction", t::find_transfer, account()}, "entries_transfers");
  expect_index({"transaction", t::find_receipt, account()}, "entries_transfers");
  expect_index({"transaction", t::search_transfers,
                account() + ", '2020-01-02', '2020-01-05', 1::smallint, '%a%', 1, 9, 51, 100, " +
                    account() + ", NULL"},
               "Index Scan Backward using entries_transfers");
}

}  // namespace
}  // namespace instapay::testing
