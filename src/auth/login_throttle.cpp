#include "auth/login_throttle.h"

#include <algorithm>

#include "core/ip_address.h"

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
    : attempts_per_min_(attempts_per_min),
      devices_(attempts_per_min == 0 ? 0 : entries_max),
      accounts_(attempts_per_min == 0 ? 0 : entries_max),
      networks_(attempts_per_min == 0 ? 0 : entries_max) {}

std::vector<LoginThrottle::Bucket> LoginThrottle::buckets_of(const LoginAttempt& attempt) {
  std::vector<Bucket> buckets;
  const BucketRate one = per_minute(attempts_per_min_);
  if (!attempt.device.empty()) {
    // A token is good for one account; the account is in the key all the same.
    buckets.push_back(
        {&devices_, std::string(attempt.device) + '\n' + std::string(attempt.account), one, true});
    return buckets;
  }
  const auto address = IpAddress::parse(attempt.address);
  for (const NetworkTier& tier : kNetworkTiers) {
    const int bits = address && address->is_v4() ? tier.v4_bits : tier.v6_bits;
    if (bits == 0) continue;
    // What is no address has no networks around it.
    std::string key = address ? address->network(bits).to_string() : std::string(attempt.address);
    buckets.push_back({&networks_, std::move(key) + '/' + std::to_string(bits),
                       per_minute(attempts_per_min_ * tier.factor), false});
    if (!address) break;
  }
  buckets.push_back({&accounts_, std::string(attempt.account), one, true});
  return buckets;
}

std::int64_t LoginThrottle::begin_attempt(const LoginAttempt& attempt, std::int64_t now_us) {
  const std::int64_t now_ns = now_us * 1'000;
  const std::vector<Bucket> buckets = buckets_of(attempt);
  for (auto bucket = buckets.begin(); bucket != buckets.end(); ++bucket) {
    const BucketState state = bucket->table->take(bucket->key, bucket->rate, now_ns);
    if (state.allowed) continue;
    for (auto taken = buckets.begin(); taken != bucket; ++taken)
      taken->table->give_back(taken->key, taken->rate, now_ns);
    return wait_s(state);
  }
  return 0;
}

void LoginThrottle::succeeded(const LoginAttempt& attempt, std::int64_t now_us) {
  for (const Bucket& bucket : buckets_of(attempt)) {
    if (bucket.own) {
      bucket.table->reset(bucket.key);
    } else {
      bucket.table->give_back(bucket.key, bucket.rate, now_us * 1'000);
    }
  }
}

void LoginThrottle::abandoned(const LoginAttempt& attempt, std::int64_t now_us) {
  for (const Bucket& bucket : buckets_of(attempt))
    bucket.table->give_back(bucket.key, bucket.rate, now_us * 1'000);
}

}  // namespace instapay::auth
