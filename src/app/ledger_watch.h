#pragma once
// Publishes as metrics what a watch over the money needs: whether all balances sum to zero, what is
// in circulation, how long ago backup and audit last succeeded, how old transaction ids are.
#include "pg/connection.h"

namespace instapay::app {

class LedgerWatch {
 public:
  /// A reading role; no url: somebody else watches.
  explicit LedgerWatch(pg::ConnectOptions database);

  /// Blocks for one short query when it is due; to be called often, from one thread.
  void tick();

 private:
  pg::Result<void> publish();

  pg::ConnectOptions database_;
  std::int64_t due_us_ = 0, sum_due_us_ = 0;
};

}  // namespace instapay::app
