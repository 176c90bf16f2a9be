#pragma once
// What is done about stored second factors from time to time, on a thread that may block.
#include <cstdint>

#include "auth/secret_keys.h"
#include "pg/connection.h"

namespace instapay::user {

inline constexpr std::int32_t kChallengesForgotten = 10'000;  // at a time

/// Forgets enrolments that nobody confirmed and old challenges of passkeys, and seals what an older
/// key has sealed with the first one, so that the older can be dropped. How many were sealed anew;
/// those whose key is not among `keys` stay.
pg::Result<std::int64_t> keep_up_factors(pg::Connection& connection, const auth::SecretKeys& keys);

}  // namespace instapay::user
