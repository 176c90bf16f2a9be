#include "ledger/store/durable.h"

#include "queries/ledger.h"

namespace instapay::ledger {

Task<Result<void>> until_durable(pg::Pool& db) {
  const auto passed = co_await db.query(queries::ledger::barrier);
  if (!passed) co_return fail(pg::to_error(passed.error()));
  co_return Result<void>();
}

}  // namespace instapay::ledger
