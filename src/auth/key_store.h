#pragma once
// The verification keys of the moment, shared by all threads of a service, and when to fetch newer
// ones. Fetching itself is the caller's.
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "auth/signing_key.h"

namespace instapay::auth {

inline constexpr std::int64_t kJwksRefresh_us = 5 * 60 * 1'000'000LL;
// Tokens with an unknown `kid` ask for new keys at once, but strangers can make such tokens.
inline constexpr std::int64_t kJwksFetchGapMin_us = 10 * 1'000'000LL;
// Until there are keys at all.
inline constexpr std::int64_t kJwksRetry_us = 1'000'000;

// Thread-safe.
class KeyStore {
 public:
  KeyStore() : keys_(std::make_shared<const KeySet>()) {}
  explicit KeyStore(KeySet keys) { replace(std::move(keys)); }

  // Never null; empty until the first keys have come.
  std::shared_ptr<const KeySet> keys() const;

  // Grows whenever the keys change: then caches of verified tokens are to be cleared.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  void replace(KeySet keys);

  // A token came that names a key which is not among them.
  void want_newer();

  // Whether to fetch now; true marks the fetch as begun, so one caller gets it. The old keys stay
  // in use while the issuer cannot be reached.
  bool begin_fetch(std::int64_t now_us);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const KeySet> keys_;
  std::atomic<std::uint64_t> generation_ = 0;
  std::int64_t last_fetch_us_ = 0;
  bool ever_fetched_ = false;
  bool wanted_ = false;
};

}  // namespace instapay::auth
