#include "auth/totp.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <array>

#include "auth/base32.h"
#include "auth/openssl.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kSha1_bytes = 20;

std::array<std::uint8_t, kSha1_bytes> hmac_sha1(std::string_view key, ByteSpan message) {
  std::array<std::uint8_t, kSha1_bytes> mac{};
  unsigned size = mac.size();
  require(HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
               mac.data(), &size) != nullptr,
          "HMAC");
  return mac;
}

// RFC 3986, unreserved characters stay: apps disagree about what else a label may hold as it is.
std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

std::string totp_code(std::string_view secret, std::int64_t step, int digits) {
  std::array<std::uint8_t, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i)
    counter[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(step) >> (8 * (7 - i)));
  const auto mac = hmac_sha1(secret, counter);
  // Dynamic truncation (RFC 4226 §5.3).
  const std::size_t at = mac.back() & 0xfU;
  const std::uint32_t number = (mac.at(at) & 0x7fU) << 24 | std::uint32_t{mac.at(at + 1)} << 16 |
                               std::uint32_t{mac.at(at + 2)} << 8 | mac.at(at + 3);
  std::uint64_t modulus = 1;
  for (int i = 0; i < digits; ++i) modulus *= 10;
  return fmt::format("{:0{}}", number % modulus, digits);
}

std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code,
                                       std::int64_t now_s) {
  if (code.size() != kTotpDigits) return std::nullopt;
  std::optional<std::int64_t> matched;
  for (std::int64_t drift = -kTotpDrift_steps; drift <= kTotpDrift_steps; ++drift) {
    const std::int64_t step = totp_step(now_s) + drift;
    const std::string right = totp_code(secret, step);
    if (CRYPTO_memcmp(right.data(), code.data(), right.size()) == 0) matched = step;
  }
  return matched;
}

std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account) {
  const std::string by = percent_encode(issuer);
  return fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}&algorithm=SHA1&digits={}&period={}",
                     by, percent_encode(account), base32_encode(secret), by, kTotpDigits,
                     kTotpPeriod_s);
}

}  // namespace instapay::auth
