#pragma once
// Known devices: a browser in which somebody has signed in keeps a token that says so, signed and
// worth nothing but a bucket of its own in the login throttle. One value holds the tokens of a few
// people who share a browser.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sha256.h"

namespace instapay::auth {

inline constexpr std::size_t kDevicePeopleMax = 4;
inline constexpr std::int64_t kDeviceTokenTtl_s = 365LL * 24 * 3600;
inline constexpr std::int64_t kDeviceTokenRenewal_s = 30LL * 24 * 3600;

// Immutable: safe to use from many threads.
class DeviceTokens {
 public:
  // The first secret signs, all verify.
  explicit DeviceTokens(std::vector<Hash256> secrets) : secrets_(std::move(secrets)) {}

  // What names the device in `value`, for this account; empty when it is not a known one.
  std::string find(std::string_view value, std::string_view account, std::int64_t now_s) const;

  // The value to keep from now on: with a token for this account in front. Nullopt when the one
  // there is good for a while yet.
  std::optional<std::string> renew(std::string_view value, std::string_view account,
                                   std::int64_t now_s) const;

 private:
  std::vector<Hash256> secrets_;
};

}  // namespace instapay::auth
