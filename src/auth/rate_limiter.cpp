#include "auth/rate_limiter.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace instapay::auth {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;

std::int64_t whole_seconds(std::int64_t time_ns) { return (time_ns + kSecond_ns - 1) / kSecond_ns; }

}  // namespace

RateLimiter::RateLimiter(std::int64_t per_s, std::size_t entries_max)
    : rate_{.burst = per_s, .interval_ns = per_s == 0 ? 0 : kSecond_ns / per_s},
      buckets_(per_s == 0 ? 0 : entries_max) {}

RateLimitResult RateLimiter::take(std::string_view key, std::int64_t now_us) {
  if (rate_.burst == 0) return {};
  return result_of(buckets_.take(key, rate_, now_us * 1'000));
}

RateLimitResult RateLimiter::charge(std::string_view key, std::int64_t count, std::int64_t now_us) {
  if (rate_.burst == 0) return {};
  return result_of(buckets_.charge(key, rate_, count, now_us * 1'000));
}

RateLimitResult RateLimiter::result_of(const BucketState& state) const {
  return {.allowed = state.allowed,
          .limit = rate_.burst,
          .remaining = state.remaining,
          .reset_s = whole_seconds(state.full_in_ns),
          .retry_after_s =
              state.allowed ? 0 : std::max<std::int64_t>(whole_seconds(state.retry_in_ns), 1)};
}

std::string rate_key_of_address(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));  // a zone is not part of it
  in6_addr ipv6{};
  if (inet_pton(AF_INET6, text.c_str(), &ipv6) != 1) return std::string(address);
  std::array<char, INET6_ADDRSTRLEN> key{};
  if (IN6_IS_ADDR_V4MAPPED(&ipv6)) {
    inet_ntop(AF_INET, &ipv6.s6_addr[12], key.data(), key.size());
    return key.data();
  }
  std::fill(std::begin(ipv6.s6_addr) + 8, std::end(ipv6.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &ipv6, key.data(), key.size());
  return std::string(key.data()) + "/64";
}

}  // namespace instapay::auth
