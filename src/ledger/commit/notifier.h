#pragma once
// Tells the world which accounts have new entries, with NOTIFY on a connection of its own: inside a
// batch it would make its commit take turns with all others, and cost each listener a wake-up a
// batch. The first news goes out at once; what comes within kNotifyGap of it goes together.
// What is lost with the process or the connection costs a stream a second, never an entry.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "ledger/commit/notification.h"
#include "pg/connection.h"

namespace instapay::ledger {

class Notifier {
 public:
  explicit Notifier(pg::ConnectOptions options);
  ~Notifier() = default;  // ends the thread; news that wait are dropped

  /// Never waits for the database. Thread-safe.
  void tell(std::span<const Account> changed);

 private:
  void run(const std::stop_token& stop);

  pg::ConnectOptions options_;
  std::mutex mutex_;
  std::condition_variable_any told_;
  Notification news_;
  std::jthread thread_;
};

}  // namespace instapay::ledger
