#pragma once
// Slows down guessing of passwords: failed attempts per account and per address.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/bucket_table.h"

namespace instapay::auth {

inline constexpr std::size_t kThrottleEntriesMax = 32'768;  // of each kind, 16 bytes each
// Many people share one address (a company, a phone network), few share an account.
inline constexpr std::int64_t kThrottleAddressFactor = 5;

// Thread-safe. Keys: the e-mail as it is stored (known or not, so that the answer tells nothing),
// and rate_key_of_address(). The caller brings monotonic time.
class LoginThrottle {
 public:
  // LOGIN_ATTEMPTS_PER_MIN; 0 turns it off.
  explicit LoginThrottle(std::int64_t attempts_per_min,
                         std::size_t entries_max = kThrottleEntriesMax);

  // Counts the attempt as failed before it is made, so that many at once cannot all slip through
  // while the first is being hashed. Returns 0 to go on, else the seconds to wait; a refused
  // attempt is not counted.
  std::int64_t begin_attempt(std::string_view email, std::string_view address, std::int64_t now_us);

  // The password was right: the account starts afresh, the address gets this attempt back.
  void succeeded(std::string_view email, std::string_view address, std::int64_t now_us);

  // The attempt was not decided (overload, database away): as if it had not been made.
  void abandoned(std::string_view email, std::string_view address, std::int64_t now_us);

 private:
  BucketRate account_rate_;
  BucketRate address_rate_;
  BucketTable accounts_;
  BucketTable addresses_;
};

}  // namespace instapay::auth
