// Migrations of a database that is not as they left it.
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

TEST(Migrations, ApplyOnce) {
  Books books;
  auto owner = books.open("");
  const auto again = pg::migrate(owner);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
}

}  // namespace
}  // namespace instapay::testing
