#pragma once
// Measures every second how much space the database has left, tells the ledger when it is too
// little, and publishes it. What can be measured is said by the settings STORAGE_*: a file system
// that can be seen from here, or the database's own size against that of its volume; of both, the
// lesser counts. What cannot be measured now stays as it was.
#include <optional>
#include <thread>

#include "ledger/commit/room.h"
#include "pg/connection.h"

namespace instapay::app {

struct StorageLimits {
  std::string path;            // empty: not to be seen from here
  std::int64_t max_bytes = 0;  // of the volume; 0: not known
  std::int64_t free_min_bytes = 0;
};

class StorageWatch {
 public:
  /// `database`: any role that may connect; asked only where the volume's size is known.
  StorageWatch(StorageLimits limits, pg::ConnectOptions database, ledger::Room& room);

 private:
  void run(const std::stop_token& stop);
  void judge(std::int64_t free_bytes);
  std::optional<std::int64_t> free_bytes();
  std::optional<std::int64_t> free_of_volume();

  const StorageLimits limits_;
  pg::ConnectOptions database_;
  ledger::Room& room_;
  std::optional<pg::Connection> connection_;
  bool low_ = false, complained_ = false;
  std::jthread thread_;
};

}  // namespace instapay::app
