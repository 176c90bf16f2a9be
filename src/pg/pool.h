#pragma once
// The asynchronous side of PostgreSQL: per I/O thread a few connections in pipeline mode, over
// which single statements of many coroutines travel together. Each statement is its own
// transaction (its own Sync), so a failure never touches its neighbours. What needs several
// statements in one transaction belongs into one statement, or onto a Connection of its own.
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "async/io_threads.h"
#include "async/task.h"
#include "pg/connection.h"

namespace instapay::pg {

class Pool {
 public:
  /// `size` connections on each I/O thread; connecting starts at once, in the background, and
  /// goes on for ever with a back-off: a database that is away comes back by itself.
  Pool(IoThreads& threads, ConnectOptions options, int size);
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

  struct Usage {
    std::size_t connections, in_flight, waiting;
  };
  Usage usage() const;  // thread-safe, approximate

 private:
  class Lane;  // one I/O thread's connections
  std::vector<std::shared_ptr<Lane>> lanes_;
};

}  // namespace instapay::pg
