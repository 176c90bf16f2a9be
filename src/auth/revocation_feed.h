#pragma once
// Keeps a service's Revocations up to date from the database, every second.
#include <memory>

#include "async/rounds.h"
#include "auth/revocations.h"
#include "pg/pool.h"

namespace instapay::auth {

inline constexpr std::int64_t kRevocationPoll_us = 1'000'000;
// A statement may take a while from its now() to its commit: each look goes back this far.
inline constexpr int kRevocationOverlap_s = 30;

class RevocationFeed {
 public:
  /// Of what `access_token_ttl_s` can still matter. `db` is a pool of any service's role.
  RevocationFeed(pg::Pool& db, Revocations& revocations, std::int64_t access_token_ttl_s);

  /// Polls on `io` until stop(). After the database was away it looks back to its last success.
  void start(asio::io_context& io);
  /// Thread-safe. Call before the I/O threads stop.
  void stop();

  /// The latest now: a service that has just ended a session knows it when it answers. Call on an
  /// I/O thread.
  Task<void> catch_up();

 private:
  pg::Pool& db_;
  Revocations& revocations_;
  std::int64_t access_token_ttl_s_;
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace instapay::auth
