#include "auth/base64url.h"

#include <array>
#include <cstdint>

namespace instapay::auth {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kForeign = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kForeign);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto kValues = make_values();

}  // namespace

std::string base64url_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (unsigned char byte : bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text.push_back(kAlphabet[(buffer >> bits) & 0x3f]);
    }
  }
  if (bits > 0) text.push_back(kAlphabet[(buffer << (6 - bits)) & 0x3f]);
  return text;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return std::nullopt;
  std::string bytes(text.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1), '\0');
  const auto value = [&](std::size_t i) -> std::uint32_t {
    return kValues[static_cast<unsigned char>(text[i])];
  };
  // Foreign characters are looked for once, at the end: their value has bits that no other has.
  std::uint32_t all = 0;
  char* out = bytes.data();
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t a = value(i), b = value(i + 1), c = value(i + 2), d = value(i + 3);
    all |= a | b | c | d;
    const std::uint32_t bits = a << 18 | b << 12 | c << 6 | d;
    *out++ = static_cast<char>(bits >> 16 & 0xff);
    *out++ = static_cast<char>(bits >> 8 & 0xff);
    *out++ = static_cast<char>(bits & 0xff);
  }
  if (rest != 0) {
    const std::uint32_t a = value(i), b = value(i + 1), c = rest == 3 ? value(i + 2) : 0;
    all |= a | b | c;
    const std::uint32_t bits = a << 18 | b << 12 | c << 6;
    *out++ = static_cast<char>(bits >> 16 & 0xff);
    if (rest == 3) *out++ = static_cast<char>(bits >> 8 & 0xff);
    // Unused bits that are set would give one value several texts.
    if ((bits & (rest == 3 ? 0xffU : 0xffffU)) != 0) return std::nullopt;
  }
  if (all > 0x3f) return std::nullopt;
  return bytes;
}

}  // namespace instapay::auth
