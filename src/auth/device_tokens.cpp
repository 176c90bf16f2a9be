#include "auth/device_tokens.h"

#include <algorithm>

#include "auth/base64url.h"
#include "auth/random.h"
#include "auth/signed_bytes.h"

namespace instapay::auth {
namespace {

// A random name and the time it was made, signed for one account.
constexpr std::size_t kToken_chars = (kSigned_bytes * 4 + 2) / 3;
constexpr char kBetween = '.';

// Decoded tokens, in order; what cannot be one is left out.
std::vector<std::string> split(std::string_view value) {
  std::vector<std::string> tokens;
  while (!value.empty() && tokens.size() < kDevicePeopleMax) {
    const std::size_t end = std::min(value.find(kBetween), value.size());
    auto token = end == kToken_chars ? base64url_decode(value.substr(0, end)) : std::nullopt;
    if (token && token->size() == kSigned_bytes) tokens.push_back(std::move(*token));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return tokens;
}

}  // namespace

std::string DeviceTokens::find(std::string_view value, std::string_view account,
                               std::int64_t now_s) const {
  for (const std::string& token : split(value)) {
    if (!is_signed(token, account, secrets_)) continue;
    const std::int64_t age_s = now_s - signed_time_s(token);
    if (age_s < kDeviceTokenTtl_s) return token.substr(0, kSignedHead_bytes);
  }
  return {};
}

std::optional<std::string> DeviceTokens::renew(std::string_view value, std::string_view account,
                                               std::int64_t now_s) const {
  std::string others;
  std::size_t count = 1;
  for (const std::string& token : split(value)) {
    if (is_signed(token, account, secrets_)) {
      if (now_s - signed_time_s(token) < kDeviceTokenRenewal_s) return std::nullopt;
    } else if (count < kDevicePeopleMax) {
      others += kBetween + base64url_encode(token);
      ++count;
    }
  }
  return base64url_encode(sign_bytes(random_bytes<kSignedHead_bytes>(), now_s, account, secrets_)) +
         others;
}

}  // namespace instapay::auth
