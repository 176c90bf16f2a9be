#pragma once
// The asynchronous side of PostgreSQL: per I/O thread a few connections in pipeline mode, over
// which single statements of many coroutines travel together. Each statement is its own
// transaction (its own Sync), so a failure never touches its neighbours. What needs several
// statements in one transaction belongs into one statement, or onto a Connection of its own.
//
// A connection that has reached its age is closed when its successor is up and nothing is in flight
// on it: after a switchover reads find their way back, and no server keeps a session for ever.
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/io_threads.h"
#include "async/task.h"
#include "pg/connection.h"

namespace instapay::pg {

struct PoolSize {
  int connections;                       // on each I/O thread
  std::int64_t connection_age_max_us{};  // less up to a fifth, by chance; 0: they may be of any age
};

struct PoolUsage {
  std::size_t connections, in_flight, waiting;
};

class Lane;  // one I/O thread's connections

/// Of the primary, and of nothing else: what authorises may be asked here.
class Pool {
 public:
  /// Connecting starts at once, in the background, and goes on for ever with a back-off: a database
  /// that is away comes back by itself.
  Pool(IoThreads& threads, ConnectOptions options, PoolSize size);
  ~Pool();
  Pool(const Pool&) = delete;

  /// Call on an I/O thread. Statements of a thread are sent in the order in which they came.
  /// Failures: refused at once while no connection is up, or after
  /// kPoolWaitMax_us in the queue; lost; sql.
  Task<Result<Rows>> query(Statement statement, Params params = {});
  template <class Row>
  Task<Result<TypedRows<Row>>> query(TypedStatement<Row> statement, Params params = {}) {
    co_return typed<Row>(co_await query(static_cast<Statement>(statement), std::move(params)));
  }

  /// Whether the calling I/O thread has a connection. Thread-safe.
  bool connected() const;

  PoolUsage usage() const;  // thread-safe, approximate

 private:
  std::vector<std::shared_ptr<Lane>> lanes_;
};

/// What a standby said: everything that was acknowledged by `as_of_us`, by the primary's clock, is
/// in it.
struct Aged {
  Rows rows;
  std::int64_t as_of_us = 0;
};

/// Of streaming standbys, and of nothing else: not a Pool, so that what authorises cannot be asked
/// here. Each connection is asked four times a second up to when its server has replayed; it is
/// used while that is less than `lag_max_us` ago, and left when its server was promoted.
class StandbyPool {
 public:
  StandbyPool(IoThreads& threads, ConnectOptions options, PoolSize size, std::int64_t lag_max_us);
  ~StandbyPool();
  StandbyPool(const StandbyPool&) = delete;

  /// What the primary's clock says now: until then, and when it is not said for long, every standby
  /// is too old. Thread-safe.
  void set_primary_clock(std::int64_t primary_us);

  /// Like Pool::query. Refused at once while no standby is fresh enough.
  Task<Result<Aged>> query(Statement statement, Params params = {});

  /// How far the freshest standby is behind, on the I/O thread where that is worst; nothing while
  /// one has none. Thread-safe.
  std::optional<std::int64_t> lag_us() const;
  PoolUsage usage() const;  // thread-safe, approximate

 private:
  // Of the primary, less monotonic_us(); 0: not known yet.
  std::shared_ptr<std::atomic<std::int64_t>> primary_clock_us_;
  std::vector<std::shared_ptr<Lane>> lanes_;
};

}  // namespace instapay::pg
