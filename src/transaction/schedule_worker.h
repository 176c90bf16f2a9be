#pragma once
// Pays what schedules and mandates say is due. Any number of them may run, in as many processes:
// each takes occurrences and draws by a lease in the database, and pays them through the ledger
// under a key of their own, so that one that was killed, or has lost its answer, or was overtaken,
// pays nothing twice.
//
// What has become of one is written down with its payment, in one transaction (settle_occurrence in
// db/migrations/0013_schedules.sql, settle_draw in 0026_mandates.sql). The worker writes down
// refusals only, and only of what is not settled.
#include <memory>

#include "async/rounds.h"
#include "ledger/ledger.h"
#include "pg/pool.h"

namespace instapay::transaction {

/// What is due, an occurrence of a schedule or what is drawn by a mandate: the order that pays it,
/// and the key that it has for ever.
struct DuePayment {
  Uuid id;
  std::int32_t tries = 0;
  ledger::Order order;
  bool is_draw = false;
  std::string give_up;  // why it is not even tried
};
ledger::RequestKey key_of(const DuePayment& due);

/// What is done about one that the ledger has refused.
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
