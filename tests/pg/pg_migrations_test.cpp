// Migrations of a database that is not as they left it.
#include <future>

#include "pg/ledger_books.h"

namespace instapay::testing {
namespace {

// What 0.1 left behind: its ledger is another one, so nothing is tried.
TEST(Migrations, RefuseADatabaseOfTheFirstLedger) {
  const std::string name = "books_of_01";
  Books::exec(Database::connect(), "CREATE DATABASE " + name);
  std::string url = Database::url();
  const std::string from = "dbname=postgres";
  url.replace(url.find(from), from.size(), "dbname=" + name);
  auto owner = pg::Connection::open({url, "", "instapay tests"});
  ASSERT_TRUE(owner);
  ASSERT_TRUE(owner->exec(
      "CREATE TABLE schema_migrations (version integer PRIMARY KEY, name text NOT NULL,"
      " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());"
      "INSERT INTO schema_migrations (version, name, checksum) VALUES (1, '0001_schema.sql',"
      " '9aab0edf0bf355a7a960738bbc3178f02eb8d19750591a3498cba1255d4711f6'),"
      " (2, '0002_token_life.sql', 'x')"));
  const auto refused = pg::migrate(*owner);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            "this database is of version 0.1, whose ledger cannot be carried over: begin with an "
            "empty database (or an empty DATA_DIR), and keep 0.1 to read the old one");
  const auto status = pg::migration_status(*owner);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->problems, std::vector{refused.error()});
  EXPECT_TRUE(rows_of(owner->query({"tables",
                                    "SELECT 1 FROM pg_tables WHERE schemaname = 'public'"
                                    " AND tablename <> 'schema_migrations'"}))
                  .empty());
}

TEST(Migrations, RefuseAnotherContent) {
  Books books;
  books.sql("UPDATE schema_migrations SET checksum = 'x' WHERE version = 1");
  auto owner = books.open("");
  const auto refused = pg::migrate(owner);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), "0001_schema.sql was applied with another content");
}

std::vector<pg::Migration> all_and(std::string_view name, std::string_view sql) {
  auto migrations = pg::all_migrations();
  migrations.push_back({9'001, name, sql, "checksum"});
  return migrations;
}

// A column while somebody reads for long: it needs a lock that is not to be had. Payments go on.
TEST(Migrations, GiveWayWhileTheyWaitForALock) {
  Books books;
  const AccountId a = books.wallet(1'000), b = books.wallet(500);
  auto reader = books.open("reporting"), owner = books.open(""), watcher = books.open("");
  ASSERT_TRUE(reader.exec("BEGIN; SELECT count(*) FROM entries, accounts"));
  const auto migrations =
      all_and("9001_column.sql",
              "ALTER TABLE accounts ADD COLUMN more integer; ALTER TABLE entries ADD COLUMN more "
              "integer");
  auto running = std::async(std::launch::async, [&] {
    return pg::migrate(owner, migrations,
                       {.lock_attempts = 1'000'000, .lock_timeout_ms = 50, .pause_ms = 0});
  });
  // Behind a lock that is waited for with all patience, each of these would wait for three seconds,
  // and be refused.
  for (int i = 0; i < 5; ++i) {
    await_lock_wait(watcher);
    books.commit({Books::pay(a, b, 10)});
  }
  ASSERT_TRUE(reader.exec("COMMIT"));
  const auto applied = running.get();
  ASSERT_TRUE(applied) << applied.error();
  ASSERT_EQ(applied->size(), 1U);
  EXPECT_EQ(books.number("SELECT count(more) FROM accounts"), 0);
  EXPECT_EQ(books.number("SELECT count(more) FROM entries"), 0);
}

TEST(Migrations, GiveUpAndChangeNothing) {
  Books books;
  auto reader = books.open("reporting"), owner = books.open("");
  ASSERT_TRUE(reader.exec("BEGIN; SELECT count(*) FROM accounts"));
  const auto migrations =
      all_and("9001_column.sql",
              "CREATE TABLE before (x integer); ALTER TABLE accounts ADD COLUMN more integer");
  const auto refused =
      pg::migrate(owner, migrations, {.lock_attempts = 3, .lock_timeout_ms = 20, .pause_ms = 0});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            "9001_column.sql: did not get its locks in 3 attempts, and changed nothing: a long "
            "transaction has them (pg_stat_activity); run it again");
  EXPECT_EQ(books.number("SELECT count(*) FROM pg_tables WHERE tablename = 'before'"), 0);
  EXPECT_EQ(books.number("SELECT count(*) FROM schema_migrations WHERE version = 9001"), 0);
}

TEST(Migrations, WithoutATransactionAreStatementsOfTheirOwn) {
  Books books;
  auto owner = books.open("");
  const auto migrations =
      all_and("9001_index.sql",
              "-- no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS accounts_made;\n"
              "CREATE INDEX CONCURRENTLY accounts_made ON accounts (created_at);\n");
  const auto applied = pg::migrate(owner, migrations);
  ASSERT_TRUE(applied) << applied.error();
  EXPECT_EQ(books.number("SELECT count(*) FROM pg_index WHERE indisvalid AND indexrelid = "
                         "'accounts_made'::regclass"),
            1);
  EXPECT_TRUE(pg::migrate(owner, migrations)->empty());
}

// An index that is made CONCURRENTLY waits for whatever statement is running, also for one of
// somebody who wants to migrate, too.
TEST(Migrations, TakeTurnsAlsoWithAnIndexThatIsMadeConcurrently) {
  Books books;
  const auto migrations =
      all_and("9001_index.sql",
              "-- no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS accounts_made;\n"
              "CREATE INDEX CONCURRENTLY accounts_made ON accounts (created_at);\n");
  auto reader = books.open("reporting"), watcher = books.open("");
  // The first stays at the index until this transaction ends, and the second comes meanwhile.
  ASSERT_TRUE(reader.exec("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM accounts"));
  const auto migrate = [&] {
    auto owner = books.open("");
    return pg::migrate(owner, migrations);
  };
  auto first = std::async(std::launch::async, migrate);
  await_lock_wait(watcher);
  auto second = std::async(std::launch::async, migrate);
  ASSERT_EQ(second.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  ASSERT_TRUE(reader.exec("COMMIT"));
  const auto by_first = first.get(), by_second = second.get();
  ASSERT_TRUE(by_first) << by_first.error();
  ASSERT_TRUE(by_second) << by_second.error();
  EXPECT_EQ(by_first->size(), 1U);
  EXPECT_TRUE(by_second->empty());
}

TEST(Migrations, ApplyOnce) {
  Books books;
  auto owner = books.open("");
  const auto again = pg::migrate(owner);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
}

}  // namespace
}  // namespace instapay::testing
