#pragma once
// Password hashing for coroutines, on threads of its own.
#include <string>

#include "async/workers.h"
#include "auth/password.h"
#include "core/error.h"
#include "telemetry/metrics.h"

namespace instapay::user {

/// To be destroyed as Workers are.
class Passwords {
 public:
  Passwords(int cost, std::size_t threads);

  /// Of a password in its normal form that has passed auth::check_password(). Errors: overloaded,
  /// internal_error.
  Task<Result<std::string>> hash(std::string normal);
  /// Of a password as it was sent; the same work for any well-formed hash. Error: overloaded.
  Task<Result<auth::PasswordMatch>> verify(std::string given, std::string hash);

  int cost() const { return cost_; }
  /// What to verify against when there is no user: costs the same, never matches.
  const std::string& dummy_hash() const { return dummy_hash_; }

 private:
  template <class Job>
  Task<std::invoke_result_t<Job&>> run(Job job);

  const int cost_;
  const std::string dummy_hash_;
  prometheus::Gauge& depth_;
  prometheus::Counter& refused_;
  Workers workers_;
};

}  // namespace instapay::user
