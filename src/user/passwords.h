#pragma once
// Password hashing for coroutines: the work happens on the hasher's threads, the answer comes back
// on the caller's I/O thread.
#include <memory>
#include <string>
#include <vector>

#include "async/io_threads.h"
#include "async/mailbox.h"
#include "auth/password_hasher.h"
#include "core/error.h"
#include "telemetry/metrics.h"

namespace instapay::user {

/// Call on an I/O thread. Destroy after the I/O threads have stopped and before they are destroyed.
class Passwords {
 public:
  Passwords(IoThreads& io_threads, int cost, std::size_t hash_threads);

  /// The password must have passed auth::check_password(). Errors: overloaded, internal_error.
  Task<Result<std::string>> hash(std::string password);
  /// The same work for any well-formed hash. Error: overloaded.
  Task<Result<bool>> verify(std::string password, std::string hash);

  int cost() const { return cost_; }
  /// What to verify against when there is no user: costs the same, never matches.
  const std::string& dummy_hash() const { return dummy_hash_; }

 private:
  template <class T>
  using Mailboxes = std::vector<std::unique_ptr<Mailbox<T>>>;
  template <class T, class Job>
  Task<T> run(Mailboxes<T>& mailboxes, Job job);

  const int cost_;
  const std::string dummy_hash_;
  Mailboxes<Result<std::string>> hashes_;
  Mailboxes<Result<bool>> verdicts_;
  prometheus::Gauge& depth_;
  prometheus::Counter& refused_;
  auth::PasswordHasher hasher_;  // last: its jobs post to the mailboxes
};

}  // namespace instapay::user
