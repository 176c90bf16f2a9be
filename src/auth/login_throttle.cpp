#include "auth/login_throttle.h"

#include <algorithm>

namespace instapay::auth {
namespace {

constexpr std::int64_t kMinute_ns = 60'000'000'000;
constexpr std::int64_t kSecond_ns = 1'000'000'000;

BucketRate per_minute(std::int64_t attempts) {
  return {.burst = attempts, .interval_ns = attempts == 0 ? 0 : kMinute_ns / attempts};
}

std::int64_t wait_s(const BucketState& state) {
  return std::max<std::int64_t>((state.retry_in_ns + kSecond_ns - 1) / kSecond_ns, 1);
}

}  // namespace

LoginThrottle::LoginThrottle(std::int64_t attempts_per_min, std::size_t entries_max)
    : account_rate_(per_minute(attempts_per_min)),
      address_rate_(per_minute(attempts_per_min * kThrottleAddressFactor)),
      accounts_(attempts_per_min == 0 ? 0 : entries_max),
      addresses_(attempts_per_min == 0 ? 0 : entries_max) {}

std::int64_t LoginThrottle::begin_attempt(std::string_view email, std::string_view address,
                                          std::int64_t now_us) {
  const std::int64_t now_ns = now_us * 1'000;
  const BucketState by_address = addresses_.take(address, address_rate_, now_ns);
  if (!by_address.allowed) return wait_s(by_address);
  const BucketState by_account = accounts_.take(email, account_rate_, now_ns);
  if (by_account.allowed) return 0;
  addresses_.give_back(address, address_rate_, now_ns);
  return wait_s(by_account);
}

void LoginThrottle::succeeded(std::string_view email, std::string_view address,
                              std::int64_t now_us) {
  accounts_.reset(email);
  addresses_.give_back(address, address_rate_, now_us * 1'000);
}

void LoginThrottle::abandoned(std::string_view email, std::string_view address,
                              std::int64_t now_us) {
  accounts_.give_back(email, account_rate_, now_us * 1'000);
  addresses_.give_back(address, address_rate_, now_us * 1'000);
}

}  // namespace instapay::auth
