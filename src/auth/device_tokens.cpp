#include "auth/device_tokens.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "auth/base64url.h"
#include "auth/openssl.h"
#include "auth/random.h"

namespace instapay::auth {
namespace {

// A random name, the time it was made, and what proves both to be ours, for one account.
constexpr std::size_t kName_bytes = 16, kTime_bytes = 8;
constexpr std::size_t kSigned_bytes = kName_bytes + kTime_bytes;
constexpr std::size_t kToken_bytes = kSigned_bytes + sizeof(Hash256);
constexpr std::size_t kToken_chars = (kToken_bytes * 4 + 2) / 3;
constexpr char kBetween = '.';

Hash256 proof(const Hash256& secret, std::string_view signed_part, std::string_view account) {
  return hmac_sha256(secret, bytes_of(std::string(signed_part).append(account)));
}

std::int64_t time_of(std::string_view token) {
  std::uint64_t time_s = 0;
  for (const char c : token.substr(kName_bytes, kTime_bytes))
    time_s = time_s << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(time_s);
}

// Decoded tokens, in order; what cannot be one is left out.
std::vector<std::string> split(std::string_view value) {
  std::vector<std::string> tokens;
  while (!value.empty() && tokens.size() < kDevicePeopleMax) {
    const std::size_t end = std::min(value.find(kBetween), value.size());
    auto token = end == kToken_chars ? base64url_decode(value.substr(0, end)) : std::nullopt;
    if (token && token->size() == kToken_bytes) tokens.push_back(std::move(*token));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return tokens;
}

bool is_good(const std::vector<Hash256>& secrets, std::string_view token,
             std::string_view account) {
  return std::ranges::any_of(secrets, [&](const Hash256& secret) {
    const Hash256 mac = proof(secret, token.substr(0, kSigned_bytes), account);
    return CRYPTO_memcmp(mac.data(), token.data() + kSigned_bytes, mac.size()) == 0;
  });
}

}  // namespace

std::string DeviceTokens::find(std::string_view value, std::string_view account,
                               std::int64_t now_s) const {
  for (const std::string& token : split(value)) {
    if (!is_good(secrets_, token, account)) continue;
    const std::int64_t age_s = now_s - time_of(token);
    if (age_s < kDeviceTokenTtl_s) return token.substr(0, kName_bytes);
  }
  return {};
}

std::optional<std::string> DeviceTokens::renew(std::string_view value, std::string_view account,
                                               std::int64_t now_s) const {
  std::string fresh(kName_bytes, '\0');
  const auto name = random_bytes<kName_bytes>();
  std::ranges::copy(name, fresh.begin());
  std::string others;
  std::size_t count = 1;
  for (const std::string& token : split(value)) {
    if (is_good(secrets_, token, account)) {
      if (now_s - time_of(token) < kDeviceTokenRenewal_s) return std::nullopt;
    } else if (count < kDevicePeopleMax) {
      others += kBetween + base64url_encode(token);
      ++count;
    }
  }
  for (std::size_t i = 0; i < kTime_bytes; ++i)
    fresh += static_cast<char>(static_cast<std::uint64_t>(now_s) >> (8 * (kTime_bytes - 1 - i)));
  const Hash256 mac = proof(secrets_.front(), fresh, account);
  fresh.append(mac.begin(), mac.end());
  return base64url_encode(fresh) + others;
}

}  // namespace instapay::auth
