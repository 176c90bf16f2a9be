#pragma once
// Slows down guessing of passwords (OWASP, "Slow Down Online Guessing Attacks with Device
// Cookies"). Attempts from known devices (device_tokens.h) have a bucket for each device and
// person. All others share one for each account, and one for each network that they come from: so
// strangers use up nobody's bucket but their own.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auth/bucket_table.h"

namespace instapay::auth {

inline constexpr std::size_t kThrottleEntriesMax = 32'768;  // of each kind, 16 bytes each

/// Networks by size: many people share one address (a company, a phone network), and who has a /48
/// of IPv6 has 65,536 addresses' worth of households. Each has so many times an account's attempts.
struct NetworkTier {
  int v4_bits, v6_bits;  // 0: no such tier
  std::int64_t factor;
};
inline constexpr std::array kNetworkTiers{NetworkTier{32, 64, 5}, NetworkTier{0, 56, 10},
                                          NetworkTier{24, 48, 25}};

struct LoginAttempt {
  std::string_view account;  // as it is stored, known or not, so that the answer tells nothing
  std::string_view address;  // of IPv4 or IPv6, as text
  std::string_view device;   // of a device token of this account; empty: not a known device
};

// Thread-safe. The caller brings monotonic time.
class LoginThrottle {
 public:
  // LOGIN_ATTEMPTS_PER_MIN; 0 turns it off.
  explicit LoginThrottle(std::int64_t attempts_per_min,
                         std::size_t entries_max = kThrottleEntriesMax);

  // Counts the attempt as failed before it is made, so that many at once cannot all slip through
  // while the first is being hashed. Returns 0 to go on, else the seconds to wait; a refused
  // attempt is not counted.
  std::int64_t begin_attempt(const LoginAttempt& attempt, std::int64_t now_us);

  // The password was right: device or account start afresh, the networks get this attempt back.
  void succeeded(const LoginAttempt& attempt, std::int64_t now_us);

  // The attempt was not decided (overload, database away): as if it had not been made.
  void abandoned(const LoginAttempt& attempt, std::int64_t now_us);

 private:
  struct Bucket {
    BucketTable* table;
    std::string key;
    BucketRate rate;
    bool own;  // of the account or device alone
  };
  // Those that the attempt takes from, in this order.
  std::vector<Bucket> buckets_of(const LoginAttempt& attempt);

  std::int64_t attempts_per_min_;
  BucketTable devices_;
  BucketTable accounts_;
  BucketTable networks_;
};

}  // namespace instapay::auth
