#pragma once
// Folds batches into the roll-ups: each once, in the transaction that moves the chain's place on.
// Any number of processes may try at once; one does it. Needs the primary. (docs/decisions/0020)
#include <string>

#include "pg/connection.h"

namespace instapay::reporting {

/// A fold takes up to so many transfers, or one batch.
inline constexpr std::int64_t kFoldTransfersMax = 10'000;
/// How many transfers a report may read beside the roll-ups.
inline constexpr std::int64_t kOpenTransfersMax = 200'000;

struct Fold {
  enum class Outcome : std::uint8_t { folded, nothing_to_fold, somebody_else_folds };
  Outcome outcome = Outcome::nothing_to_fold;
  std::int64_t transfers = 0, batches = 0;
  std::string problem = {};  // of a chain that cannot be folded further; the others were
};

/// One transaction. On a failure nothing has happened.
pg::Result<Fold> fold(pg::Connection& connection);

/// Empties the roll-ups, so that folding begins anew; waits for who is folding. For the owner.
pg::Result<void> forget_roll_ups(pg::Connection& connection);

}  // namespace instapay::reporting
