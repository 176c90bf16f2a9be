#pragma once
// Base64url without padding (RFC 4648 §5), as JOSE uses it.
#include <optional>
#include <string>
#include <string_view>

namespace instapay::auth {

// Both sides hold raw bytes in a string. Thread-safe, no state.
std::string base64url_encode(std::string_view bytes);

// Strict: nullopt for padding, white space, foreign characters, an impossible length, or a
// non-canonical ending (unused bits set), so that one value has exactly one text.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace instapay::auth
