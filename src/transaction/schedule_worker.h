#pragma once
// Pays what schedules say is due. Any number of them may run, in as many processes: each takes
// occurrences by a lease in the database, and pays them through the ledger under a key of their
// own, so that one that was killed, or has lost its answer, or was overtaken, pays nothing twice.
//
// What has become of an occurrence is written down with its payment, in one transaction
// (settle_occurrence in db/migrations/0013_schedules.sql). The worker writes down refusals only,
// and only of what is not settled.
#include <memory>

#include "async/rounds.h"
#include "ledger/ledger.h"
#include "pg/pool.h"

namespace instapay::transaction {

/// The order that pays an occurrence, and the key that it has for ever.
struct DueOccurrence {
  Uuid id;
  std::int32_t tries = 0;
  ledger::Order order;
  bool too_late = false;
};
ledger::RequestKey key_of(const DueOccurrence& due);

/// What is done about an occurrence that the ledger has refused.
enum class AfterRefusal : std::uint8_t {
  ask_again,  // nothing is known, or something of ours is amiss: when the lease is over
  try_later,  // what is missing may come: money, a limit's next day, an account that is active
              // again
  give_up,
};
AfterRefusal after_refusal(Code code);

class ScheduleWorker {
 public:
  ScheduleWorker(pg::Pool& db, ledger::Ledger& ledger) : db_(db), ledger_(ledger) {}

  /// Works on `io` until stop().
  void start(asio::io_context& io);
  /// Begins no more payments. Thread-safe; call before the I/O threads stop.
  void stop();

 private:
  pg::Pool& db_;
  ledger::Ledger& ledger_;
  std::shared_ptr<Rounds> rounds_;
};

}  // namespace instapay::transaction
