#pragma once
// A plan as the parameters of insert_batch_entries.sql.
#include "ledger/commit/plan.h"
#include "pg/params.h"

namespace instapay::ledger {

/// The batch's row and its entries, sorted by account and number: writers of several processes meet
/// in one order and wait instead of deadlocking, and neighbours fall on the same page of the index.
pg::Params batch_params(const Plan& plan);

}  // namespace instapay::ledger
