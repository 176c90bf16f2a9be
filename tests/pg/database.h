#pragma once
// A private PostgreSQL for the tests of this executable, migrated, removed at the end.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "core/time.h"
#include "pg/connection.h"
#include "pg/migrations.h"
#include "pg/private_cluster.h"

namespace instapay::testing {

class Database {
 public:
  static const std::string& url() {
    static const Database database;
    return database.cluster_->url();
  }

  /// As the service of that name, or as the owner.
  static pg::Connection connect(std::string role = {}) {
    auto connection =
        pg::Connection::open({url(), role.empty() ? role : "instapay_" + role, "instapay tests"});
    if (!connection) throw std::runtime_error(connection.error().message);
    return std::move(*connection);
  }

 private:
  Database() {
    std::string pattern = std::filesystem::temp_directory_path() / "instapay-pg-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    dir_ = pattern;
    // PostgreSQL refuses to run as root, so another user must get there.
    std::filesystem::permissions(dir_, std::filesystem::perms(0711));
    auto started = pg::PrivateCluster::start(dir_);
    if (!started) throw std::runtime_error(started.error());
    cluster_ = std::move(*started);
    auto owner = pg::Connection::open({cluster_->url(), "", "instapay tests"});
    if (!owner) throw std::runtime_error(owner.error().message);
    if (const auto migrated = pg::migrate(*owner); !migrated)
      throw std::runtime_error(migrated.error());
  }
  ~Database() {
    cluster_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }

  std::filesystem::path dir_;
  std::unique_ptr<pg::PrivateCluster> cluster_;
};

/// The rows, or a failed test.
template <class Rows>
Rows rows_of(pg::Result<Rows> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

/// Until a session of this connection's database waits for a lock of another; five seconds at most.
inline void await_lock_wait(pg::Connection& db) {
  const pg::Statement waiting{"test/waiting",
                              "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                              "current_database() AND wait_event_type = 'Lock'"};
  const std::int64_t until_us = monotonic_us() + 5 * kSecond_us;
  while (rows_of(db.query(waiting)).int64(0, 0) == 0) {
    if (monotonic_us() > until_us) throw std::runtime_error("nobody waits for a lock");
    std::this_thread::yield();
  }
}

}  // namespace instapay::testing
