#pragma once
// Refresh tokens: random text that means nothing by itself, stored only as a hash.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace instapay::auth {

inline constexpr std::size_t kOpaqueToken_bytes = 32;

// SHA-256. A plain hash is enough: the token itself has 256 random bits.
using TokenHash = std::array<std::uint8_t, 32>;

struct OpaqueToken {
  std::string text;  // base64url, 43 characters; goes to the client and nowhere else
  TokenHash hash{};  // what is stored
};

// Thread-safe; throws std::runtime_error if the random generator fails.
OpaqueToken make_opaque_token();

// Nullopt when the text cannot be one of ours, which saves the look-up.
std::optional<TokenHash> hash_opaque_token(std::string_view text);

}  // namespace instapay::auth
