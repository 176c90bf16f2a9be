#pragma once
#include "async/task.h"
#include "core/error.h"
#include "core/uuid.h"
#include "pg/pool.h"

namespace instapay::auth {

/// A passkey's counter did not grow, so there may be a copy: its owner sees it, and it is in the
/// log and in the metric of factors. False: the passkey is gone meanwhile, and that is why.
Task<Result<bool>> report_copied_passkey(pg::Pool& db, Uuid passkey, Uuid user,
                                         std::int64_t sign_count);

}  // namespace instapay::auth
