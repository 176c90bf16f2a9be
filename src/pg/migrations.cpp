#include "pg/migrations.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "assets.h"
#include "core/sha256.h"
#include "queries/migrations.h"
#include "telemetry/log.h"

namespace instapay::pg {
namespace {

constexpr std::string_view kFolder = "db/migrations/";
// Any number that nothing else uses: "instapay" in ASCII.
constexpr Statement kTryLock{"migrations/try_lock",
                             "SELECT pg_try_advisory_lock(7596551783594189177)"};
constexpr std::string_view kUnlock = "SELECT pg_advisory_unlock(7596551783594189177)";
constexpr std::string_view kTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
    "applied_at timestamptz NOT NULL DEFAULT now());"
    "GRANT SELECT ON schema_migrations TO PUBLIC";
constexpr int kTurnPause_ms = 50;
constexpr std::string_view kWithoutTransaction = "-- no-transaction\n";

// SHA-256 of the first migration of 0.1, whose ledger updated a row for each account.
constexpr std::string_view kBaselineOf01 =
    "9aab0edf0bf355a7a960738bbc3178f02eb8d19750591a3498cba1255d4711f6";
constexpr std::string_view kIsOf01 =
    "this database is of version 0.1, whose ledger cannot be carried over: begin with an empty "
    "database "
    "(or an empty DATA_DIR), and keep 0.1 to read the old one";

std::vector<Migration> read_all() {
  std::vector<Migration> migrations;
  for (const auto& [path, text] : assets::kFiles) {
    if (!path.starts_with(kFolder)) continue;
    Migration migration;
    migration.name = path.substr(kFolder.size());
    std::from_chars(migration.name.data(), migration.name.data() + 4, migration.version);
    migration.sql = text;
    migration.checksum = to_hex(sha256(text));
    migrations.push_back(std::move(migration));
  }
  std::ranges::sort(migrations, {}, &Migration::version);
  return migrations;
}

bool is_without_transaction(const Migration& migration) {
  return migration.sql.starts_with(kWithoutTransaction);
}

Result<void> record(Connection& connection, const Migration& migration) {
  auto recorded =
      connection.query(queries::migrations::record,
                       Params().add(migration.version).add(migration.name).add(migration.checksum));
  if (!recorded) return std::unexpected(recorded.error());
  return {};
}

// One process at a time. Nobody waits inside a statement: an index that is made CONCURRENTLY waits
// for all statements that began before it, and would wait for those that wait for it.
std::expected<void, std::string> take_turn(Connection& connection, const MigrateOptions& options) {
  for (int waited_ms = 0; waited_ms <= options.turn_ms && !options.stop.stop_requested();
       waited_ms += kTurnPause_ms) {
    auto locked = connection.query(kTryLock);
    if (!locked) return std::unexpected(locked.error().message);
    if (locked->boolean(0, 0)) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(kTurnPause_ms));
  }
  return std::unexpected("another process has been at the migrations for too long; run it again");
}

Result<void> run_in_transaction(Connection& connection, const Migration& migration,
                                const MigrateOptions& options) {
  if (auto begun = connection.exec(
          fmt::format("BEGIN; SET LOCAL lock_timeout = {}", options.lock_timeout_ms));
      !begun)
    return begun;
  if (auto done = connection.exec(migration.sql); !done) return done;
  if (auto recorded = record(connection, migration); !recorded) return recorded;
  return connection.exec("COMMIT");
}

Result<void> run_statements(Connection& connection, const Migration& migration) {
  std::string_view rest = migration.sql;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(";\n"), rest.size());
    if (auto done = connection.exec(rest.substr(0, end)); !done) return done;
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return record(connection, migration);
}

std::expected<void, std::string> apply(Connection& connection, const Migration& migration,
                                       const MigrateOptions& options) {
  for (int attempt = 1;; ++attempt) {
    const auto done = is_without_transaction(migration)
                          ? run_statements(connection, migration)
                          : run_in_transaction(connection, migration, options);
    if (done) return {};
    const Failure& failure = done.error();
    std::ignore = connection.exec("ROLLBACK");
    if (!failure.is(kLockNotAvailable) && !failure.is(kDeadlock))
      return std::unexpected(fmt::format("{}: {}", migration.name, failure.message));
    if (attempt == options.lock_attempts || options.stop.stop_requested())
      return std::unexpected(fmt::format(
          "{}: did not get its locks in {} attempts, and changed nothing: a long transaction has "
          "them (pg_stat_activity); run it again",
          migration.name, attempt));
    log::info("a migration gives way to who has its locks, and begins again",
              {{"instapay.migration", migration.name}, {"instapay.attempt", attempt}});
    std::this_thread::sleep_for(std::chrono::milliseconds(options.pause_ms));
  }
}

}  // namespace

const std::vector<Migration>& all_migrations() {
  static const std::vector<Migration> migrations = read_all();
  return migrations;
}

Result<MigrationStatus> migration_status(Connection& connection,
                                         const std::vector<Migration>& migrations) {
  MigrationStatus status;
  auto exists = connection.query(queries::migrations::exists);
  if (!exists) return std::unexpected(exists.error());
  TypedRows<queries::migrations::AppliedRow> rows;
  if (exists->front().exists) {
    auto applied = connection.query(queries::migrations::applied);
    if (!applied) return std::unexpected(applied.error());
    rows = std::move(*applied);
  }
  for (const Migration& migration : migrations) {
    bool found = false;
    for (const auto& row : rows) {
      if (row.version != migration.version) continue;
      found = true;
      if (row.checksum == kBaselineOf01) {
        status.problems.emplace_back(kIsOf01);
      } else if (row.checksum != migration.checksum)
        status.problems.push_back(
            fmt::format("{} was applied with another content", migration.name));
      break;
    }
    (found ? status.applied : status.pending).push_back(migration);
  }
  // What else differs there is no news.
  if (std::ranges::find(status.problems, kIsOf01) != status.problems.end())
    status.problems = {std::string(kIsOf01)};
  return status;
}

std::expected<std::vector<Migration>, std::string> migrate(Connection& connection,
                                                           const std::vector<Migration>& migrations,
                                                           const MigrateOptions& options) {
  const auto said = [](const Failure& failure) { return std::unexpected(failure.message); };
  if (auto turn = take_turn(connection, options); !turn) return std::unexpected(turn.error());
  if (auto made = connection.exec(kTable); !made) return said(made.error());
  auto status = migration_status(connection, migrations);
  if (!status) return said(status.error());
  if (!status->problems.empty()) return std::unexpected(status->problems.front());
  for (const Migration& migration : status->pending)
    if (auto applied = apply(connection, migration, options); !applied)
      return std::unexpected(applied.error());
  if (auto unlocked = connection.exec(kUnlock); !unlocked) return said(unlocked.error());
  return std::move(status->pending);
}

}  // namespace instapay::pg
