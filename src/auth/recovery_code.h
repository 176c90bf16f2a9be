#pragma once
// Recovery codes: what somebody who has lost their phone types instead of its code. Each is good
// once and stored only as a hash.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/sha256.h"
#include "core/uuid.h"

namespace instapay::auth {

inline constexpr std::size_t kRecoveryCodes = 10;
// 80 random bits: too many to try, so that a plain hash is enough (as with auth/opaque_token.h).
inline constexpr std::size_t kRecoveryCode_bytes = 10;
inline constexpr std::size_t kRecoveryCode_chars = kRecoveryCode_bytes * 8 / 5;

struct RecoveryCode {
  std::string text;  // k7qm-2xhd-4rtw-c6vp
  Hash256 hash{};    // what is stored
};

// Thread-safe; throws std::runtime_error if the random generator fails.
RecoveryCode make_recovery_code(const Uuid& user);

// Of a code as somebody types it: in either case, with or without blanks and hyphens. Nullopt when
// it cannot be one.
std::optional<Hash256> hash_recovery_code(std::string_view typed, const Uuid& user);

}  // namespace instapay::auth
