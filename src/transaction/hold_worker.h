#pragma once
// Gives free what is held past its end, or for a payee whose account is closed. Any number of them
// may run, in as many processes: each takes holds by a lease in the database, and releases them
// through the ledger, where a hold ends once (settle_hold in db/migrations/0016_holds.sql). Until
// one has come nothing can be captured any more all the same.
#include <memory>

#include "async/rounds.h"
#include "ledger/ledger.h"
#include "pg/pool.h"

namespace instapay::transaction {

class HoldWorker {
 public:
  HoldWorker(pg::Pool& db, ledger::Ledger& ledger) : db_(db), ledger_(ledger) {}

  /// Works on `io` until stop().
  void start(asio::io_context& io);
  /// Begins no more releases. Thread-safe; call before the I/O threads stop.
  void stop();

 private:
  pg::Pool& db_;
  ledger::Ledger& ledger_;
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace instapay::transaction
