#pragma once
// What a user may still pay: the platform's limits, or their own.
#include "core/json.h"
#include "pg/pool.h"
#include "user/service.h"

namespace instapay::user {

/// Of find_limits.sql: the user, and when today began.
pg::Params limits_params(const Uuid& user);
/// 200, from a row of find_limits.sql.
net::Response limits_answer(const Config& config, const pg::Rows& rows);

}  // namespace instapay::user
