#pragma once
// Base32 without padding (RFC 4648 §6): what people type, and what authenticator apps read.
#include <string>
#include <string_view>

namespace instapay::auth {

// Upper case. The argument holds raw bytes. Thread-safe, no state.
std::string base32_encode(std::string_view bytes);

}  // namespace instapay::auth
