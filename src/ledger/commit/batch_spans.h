#pragma once
// What a batch adds to the traces of the requests in it.
#include "ledger/commit/plan.h"
#include "ledger/commit/submission.h"

namespace instapay::ledger {

struct BatchTimes {
  Time taken = {};       // from the queue
  Time committing = {};  // of the attempt that went well
  int attempts = 1;
};

/// For each sampled request, once its batch is committed: `ledger.queue`, and `ledger.batch` with
/// `ledger.commit` inside. The batch is the same for all of them: its chain and number say so.
void add_spans(const Submissions& submissions, const Plan& plan, const BatchTimes& times);

}  // namespace instapay::ledger
