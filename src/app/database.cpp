#include "app/database.h"

namespace instapay::app {

std::expected<Database, std::string> find_database(const Config& config) {
  Database database;
  database.url = config.database_url;
  if (!database.url.empty()) return database;
  database.url = pg::private_cluster_url(config.data_dir);
  if (!database.url.empty() && pg::Connection::open({database.url})) return database;
  auto started = pg::PrivateCluster::start(config.data_dir);
  if (!started) return std::unexpected(started.error());
  database.cluster = std::move(*started);
  database.url = database.cluster->url();
  return database;
}

std::expected<pg::Connection, std::string> connect(const Database& database, std::string role,
                                                   int statement_timeout_ms) {
  auto opened = pg::Connection::open(
      {database.url, std::move(role), "instapay command", statement_timeout_ms});
  if (!opened) return std::unexpected(opened.error().message);
  return std::move(*opened);
}

}  // namespace instapay::app
