#pragma once
// Schema migrations: db/migrations/NNNN_name.sql, compiled in. Forward only, each in a transaction
// of its own, recorded with a checksum, applied by one process at a time (advisory lock).
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

Result<MigrationStatus> migration_status(Connection& connection);

/// Applies what is pending; returns what it applied. The error is a line for people.
std::expected<std::vector<Migration>, std::string> migrate(Connection& connection);

}  // namespace instapay::pg
