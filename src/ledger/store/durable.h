#pragma once
// With synchronous replication a commit is seen on the primary once nobody waits for its standby
// any more, which a backend that was ended in that wait does not: such a row is lost by a failover.
// Whatever tells of another's commit as done (a replay, "taken", "ended already") waits here first.
#include "core/error.h"
#include "pg/pool.h"

namespace instapay::ledger {

/// Returns once everything read so far by anyone is on the standby too (a commit of its own, which
/// waits for it). Errors: those of the database.
Task<Result<void>> until_durable(pg::Pool& db);

}  // namespace instapay::ledger
