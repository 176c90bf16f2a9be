#pragma once
// The database that a command uses.
#include <expected>
#include <memory>
#include <string>

#include "config/config.h"
#include "pg/connection.h"
#include "pg/private_cluster.h"

namespace instapay::app {

/// That of DATABASE_URL, else the private cluster: of a running server, or one started just for
/// this.
struct Database {
  std::unique_ptr<pg::PrivateCluster> cluster;
  std::string url;
};

/// The errors are one line for people.
std::expected<Database, std::string> find_database(const Config& config);
std::expected<pg::Connection, std::string> connect(const Database& database, std::string role,
                                                   int statement_timeout_ms = 0);

}  // namespace instapay::app
