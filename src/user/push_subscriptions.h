#pragma once
// The browsers that somebody is told on (docs/decisions/0042).
#include "core/json.h"
#include "queries/user.h"

namespace instapay::user {

/// Of one person; the database has the same (db/migrations/0031_push.sql).
inline constexpr std::int32_t kPushDevicesMax = 20;

/// A PushSubscription of the API; `session` is who asks.
void write_push_subscription(JsonWriter& json, const queries::user::ListPushSubscriptionsRow& row,
                             const Uuid& session);

}  // namespace instapay::user
