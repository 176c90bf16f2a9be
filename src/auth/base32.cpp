#include "auth/base32.h"

#include <cstdint>

namespace instapay::auth {

std::string base32_encode(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  text.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char byte : bytes) {
    pending = pending << 8 | static_cast<unsigned char>(byte);
    for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[pending >> (bits - 5) & 31];
    pending &= (1U << bits) - 1;
  }
  if (bits > 0) text += kAlphabet[pending << (5 - bits) & 31];
  return text;
}

}  // namespace instapay::auth
