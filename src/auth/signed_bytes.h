#pragma once
// Sixteen bytes and a time that are known to be ours, for one purpose, without being stored: an
// HMAC stands behind them. Included by .cpp files of auth/ only.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/sha256.h"

namespace instapay::auth {

inline constexpr std::size_t kSignedHead_bytes = 16;
inline constexpr std::size_t kSigned_bytes = kSignedHead_bytes + 8 + sizeof(Hash256);

// `head` has kSignedHead_bytes. The first secret signs, all verify.
std::string sign_bytes(std::span<const std::uint8_t> head, std::int64_t time_s,
                       std::string_view purpose, std::span<const Hash256> secrets);
bool is_signed(std::string_view bytes, std::string_view purpose, std::span<const Hash256> secrets);

// Of kSigned_bytes: the time in them, whoever put it there.
std::int64_t signed_time_s(std::string_view bytes);

}  // namespace instapay::auth
