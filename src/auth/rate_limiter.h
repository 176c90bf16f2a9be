#pragma once
// Requests per second by user and by address, for the RateLimit-* and Retry-After headers.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/bucket_table.h"

namespace instapay::auth {

inline constexpr std::size_t kRateLimitEntriesMax = 65'536;  // 16 bytes each

struct RateLimitResult {
  bool allowed = true;
  std::int64_t limit = 0;          // 0: no limit, and no headers to send
  std::int64_t remaining = 0;      // requests that could follow at once
  std::int64_t reset_s = 0;        // until all of `limit` is there again, rounded up
  std::int64_t retry_after_s = 0;  // when refused, at least 1
};

// Thread-safe, allocates nothing after construction, well under a microsecond. The caller brings
// the time (core/time.h monotonic_us), so tests bring their own.
class RateLimiter {
 public:
  // `per_s` tokens a second and that many at once; 0 turns the limit off.
  explicit RateLimiter(std::int64_t per_s, std::size_t entries_max = kRateLimitEntriesMax);

  RateLimitResult take(std::string_view key, std::int64_t now_us);
  /// Takes `count` tokens at once, also more than there are: the bucket then owes them, and nothing
  /// is let through until they have come back. Refused, and nothing taken, while it owes already.
  RateLimitResult charge(std::string_view key, std::int64_t count, std::int64_t now_us);

 private:
  RateLimitResult result_of(const BucketState& state) const;

  BucketRate rate_;
  BucketTable buckets_;
};

// The key of a client's address: IPv4 as it is, IPv6 by its /64, since one household has all of
// it; IPv4 inside IPv6 as IPv4. Text that is no address stays what it is.
std::string rate_key_of_address(std::string_view address);

}  // namespace instapay::auth
