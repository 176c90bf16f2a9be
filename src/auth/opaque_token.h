#pragma once
// Refresh tokens: random text that means nothing by itself, stored only as a hash.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/sha256.h"

namespace instapay::auth {

inline constexpr std::size_t kOpaqueToken_bytes = 32;

// SHA-256. A plain hash is enough: the token itself has 256 random bits.
using TokenHash = Hash256;

struct OpaqueToken {
  std::string text;  // base64url, 43 characters; goes to the client and nowhere else
  TokenHash hash{};  // what is stored
};

// Thread-safe; throws std::runtime_error if the random generator fails.
OpaqueToken make_opaque_token();

// Nullopt when the text cannot be one of ours, which saves the look-up.
std::optional<TokenHash> hash_opaque_token(std::string_view text);

// A successor sealed with the token it replaces: XOR with a hash of that token, which is not
// stored. Who presents the old token once more (its answer was lost) can be given the same
// successor again, while the database alone gives away neither. Both tokens must be well-formed,
// else nullopt.
using SealedToken = std::array<std::uint8_t, kOpaqueToken_bytes>;
std::optional<SealedToken> seal_successor(std::string_view old_text,
                                          std::string_view successor_text);
std::optional<std::string> unseal_successor(std::string_view old_text, const SealedToken& sealed);

}  // namespace instapay::auth
