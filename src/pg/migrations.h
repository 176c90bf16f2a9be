#pragma once
// Schema migrations: db/migrations/NNNN_name.sql, compiled in. Forward only, recorded with a
// checksum, applied by one process at a time (advisory lock).
//
// Each is a transaction of its own, which waits for a lock only shortly: whoever comes after it
// waits for it too, and payments come all the time. Then it gives way, and begins again. One whose
// first line is `-- no-transaction` is run statement by statement, which end at the end of a line,
// for CREATE INDEX CONCURRENTLY: as often as it fails it is run from its beginning.
#include <stop_token>
#include <string>
#include <vector>

#include "core/error.h"
#include "pg/connection.h"

namespace instapay::pg {

struct Migration {
  int version = 0;
  std::string_view name, sql;
  std::string checksum;  // SHA-256 of the file
};

/// In order of version.
const std::vector<Migration>& all_migrations();

struct MigrationStatus {
  std::vector<Migration> applied, pending;
  std::vector<std::string> problems;  // applied with another text than ours
};

Result<MigrationStatus> migration_status(
    Connection& connection, const std::vector<Migration>& migrations = all_migrations());

struct MigrateOptions {
  int lock_attempts = 120;  // for each migration
  int lock_timeout_ms = 200;
  int pause_ms = 500;     // for those who have waited
  int turn_ms = 600'000;  // until another process is done
  std::stop_token stop;   // ends the waiting
};

/// Applies what is pending; returns what it applied. The error is a line for people.
std::expected<std::vector<Migration>, std::string> migrate(
    Connection& connection, const std::vector<Migration>& migrations = all_migrations(),
    const MigrateOptions& options = {});

}  // namespace instapay::pg
