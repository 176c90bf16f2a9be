#pragma once
// The way back: outcomes to those who wait for them. Thread-safe.
#include "ledger/commit/submission.h"

namespace instapay::ledger {

/// Gives each submission its outcomes, with one wake-up for each I/O thread, and counts refusals
/// and replays. A submission whose completion is gone has been answered before. Empties the list.
void answer(Submissions& submissions, std::vector<Outcomes> outcomes);

/// The same refusal for every order of every submission.
void refuse(Submissions& submissions, const Refusal& refusal);

}  // namespace instapay::ledger
