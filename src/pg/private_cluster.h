#pragma once
// A PostgreSQL cluster of our own, for a laptop or a single machine: made on first use under the
// data directory, reachable by a unix socket and a random password only, started and stopped with
// this process, restarted when it dies. Its data stays.
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include "core/error.h"

namespace instapay::pg {

class PrivateCluster {
 public:
  /// Starts it, making it first if needed. The error is one line for people: PostgreSQL missing,
  /// data directory in use by another process, or the server's own last words.
  static std::expected<std::unique_ptr<PrivateCluster>, std::string> start(
      const std::filesystem::path& data_dir);
  ~PrivateCluster();  // fast shutdown, then immediate

  /// libpq connection string of the owner.
  const std::string& url() const { return url_; }

 private:
  PrivateCluster() = default;
  std::expected<void, std::string> prepare();
  std::expected<void, std::string> end_orphan() const;
  std::expected<void, std::string> init();
  std::expected<void, std::string> wait_ready();
  void supervise();
  std::string last_log_line() const;

  std::filesystem::path dir_, cluster_dir_, socket_dir_, log_file_, bin_dir_;
  std::string password_, url_;
  int lock_ = -1;
  std::atomic<int> pid_ = 0;
  std::atomic<bool> stopping_ = false, ended_ = false;
  std::thread supervisor_;
};

/// The url of the cluster in a data directory, for commands that run beside the server; empty when
/// there is none.
std::string private_cluster_url(const std::filesystem::path& data_dir);

}  // namespace instapay::pg
