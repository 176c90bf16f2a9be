// Tells a pooler that keeps a session for each client from one that gives each transaction
// whichever is free. With the latter, settings, roles, prepared statements and LISTEN end up
// elsewhere.
#include <libpq-fe.h>

#include <mutex>
#include <set>

#include "pg/connection.h"

namespace instapay::pg {
namespace {

constexpr std::string_view kBackendPid = "SELECT pg_backend_pid()";
// Others who are connecting through the same pooler may take the session that would have shown it.
constexpr int kRounds = 3;
// A pooler that has no session left for the second connection keeps the first one's for it alone.
constexpr int kPatience_ms = 2'000;

Failure pooled() {
  return {Failure::Kind::pooled,
          {},
          {},
          "the database's URL leads to a pooler in transaction mode: set pool_mode = session for "
          "it (PgBouncer), or name the server itself",
          "connect"};
}

// The URLs behind which a pooler was found to keep sessions; asked once by each process.
class Trusted {
 public:
  bool contains(const std::string& url) {
    const std::lock_guard lock(mutex_);
    return urls_.contains(url);
  }
  void add(const std::string& url) {
    const std::lock_guard lock(mutex_);
    urls_.insert(url);
  }

 private:
  std::mutex mutex_;
  std::set<std::string, std::less<>> urls_;
};

Trusted& trusted() {
  static Trusted urls;
  return urls;
}

}  // namespace

Result<void> Connection::refuse_transaction_pooling(const ConnectOptions& options) {
  // Poolers make up the numbers by which their clients cancel statements: no pooler is here.
  if (PQbackendPID(conn_.get()) == backend_pid_ || trusted().contains(options.url)) return {};
  ConnectOptions second = options;
  second.statement_timeout_ms = kPatience_ms;
  auto other = dial(second);
  if (!other) return std::unexpected(std::move(other.error()));
  if (auto begun = other->exec("BEGIN"); !begun && !begun.error().sqlstate.empty()) {
    // One in statement mode refuses transactions and hangs up. Asked again, because that is also
    // how it says that the server has just gone.
    other = dial(second);
    if (!other) return std::unexpected(std::move(other.error()));
    begun = other->exec("BEGIN");
    if (!begun && !begun.error().sqlstate.empty()) return std::unexpected(pooled());
  }
  for (int round = 0; round < kRounds; ++round) {
    // This connection is between transactions. Either the other one's takes its session over, or
    // there are several, and this one's next transaction is not where the last was.
    if (round > 0 && !other->exec("BEGIN")) return {};
    const auto theirs = other->ask(kBackendPid);
    if (!theirs) return {};
    if (*theirs == std::to_string(backend_pid_)) return std::unexpected(pooled());
    // Twice: a pooler that hands out its sessions in turn may come round to the same one once.
    for (int transaction = 0; transaction < 2; ++transaction) {
      const auto ours = ask(kBackendPid);
      if (!ours) return std::unexpected(ours.error());
      if (*ours != std::to_string(backend_pid_)) return std::unexpected(pooled());
    }
    if (!other->exec("COMMIT")) return {};
  }
  trusted().add(options.url);
  return {};
}

}  // namespace instapay::pg
