#pragma once
// What to do when the store has failed: a pure function, so that every case can be read, and
// tested, as a table.
#include <optional>

#include "ledger/store/store.h"

namespace instapay::ledger {

struct Situation {
  StoreFailure::Kind failure;
  bool committing = false;   // a batch with transfers was being committed
  bool locked = false;       // its accounts had been read under lock
  bool alone = false;        // it has only one submission
  bool plan_is_old = false;  // it waited so long that its time may be off by our own fault
  int attempts = 0;          // failed ones, with this one
};

enum class Step : std::uint8_t {
  retry,         // plan again
  retry_locked,  // read the accounts anew and under lock, then plan again
  look_up_keys,  // some key is in the database: read their first answers, then plan again
  open_chain,    // this chain's number is taken: go on in a new chain
  reconnect,     // nothing was in doubt: go on when there is a connection
  settle,        // nobody knows whether it committed: the fence finds out
  split,         // one of the submissions is at fault: each on its own
  refuse,        // answer with `code`
};

struct Recovery {
  Step step;
  Code code = Code::internal_error;
};

Recovery recover_from(const Situation& situation);

}  // namespace instapay::ledger
