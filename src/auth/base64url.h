#pragma once
// Base64url without padding (RFC 4648 §5), as JOSE uses it.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace instapay::auth {

// Both sides hold raw bytes in a string. Thread-safe, no state.
std::string base64url_encode(std::string_view bytes);
inline std::string base64url_encode(std::span<const std::uint8_t> bytes) {
  return base64url_encode(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

// Strict: nullopt for padding, white space, foreign characters, an impossible length, or a
// non-canonical ending (unused bits set), so that one value has exactly one text.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace instapay::auth
