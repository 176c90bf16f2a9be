#pragma once
// Steps again and again, on a thread and a connection of its own: what a worker of an outbox does.
#include <functional>
#include <optional>
#include <thread>

#include "pg/connection.h"

namespace instapay::pg {

class Poller {
 public:
  struct Names {
    const char* thread;
    const char* application;  // its connection, in pg_stat_activity
    const char* complaint;    // what the log says when a step fails
  };
  /// `step` does one thing, and answers whether there was one. It comes again at once after one,
  /// four times a second where there was none, and a second after a failure.
  using Step = std::function<Result<bool>(Connection&)>;

  /// Begins at once; ends in the destructor.
  Poller(ConnectOptions database, Names names, Step step);

  /// So that several are waited for at once; the destructor waits.
  void request_stop() { thread_.request_stop(); }

 private:
  void run(const std::stop_token& stop);
  Result<bool> tick();

  ConnectOptions database_;
  Names names_;
  Step step_;
  std::optional<Connection> db_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace instapay::pg
