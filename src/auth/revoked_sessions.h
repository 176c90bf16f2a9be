#pragma once
// Sessions that ended while access tokens of theirs are still good. Every service asks the database
// each second for the ones that ended lately, and refuses their tokens.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <unordered_set>

#include "core/uuid.h"

namespace instapay::auth {

// Half a million ended sessions within one access token's life are an attack or a mistake; the
// oldest are forgotten first, 16 bytes each and what the containers add.
inline constexpr std::size_t kRevokedSessionsMax = 500'000;

// Thread-safe. While nothing is revoked, asking costs one atomic read.
class RevokedSessions {
 public:
  // `keep_us`: an access token's life, and a little for clocks that differ.
  explicit RevokedSessions(std::int64_t keep_us, std::size_t sessions_max = kRevokedSessionsMax)
      : keep_us_(keep_us), sessions_max_(sessions_max) {}

  bool contains(const Uuid& session_id) const;
  // Known ones are not added again. Forgets those that were added longer ago than `keep_us`.
  void add(std::span<const Uuid> session_ids, std::int64_t now_us);
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Added {
    std::int64_t at_us;
    Uuid session_id;
  };

  const std::int64_t keep_us_;
  const std::size_t sessions_max_;
  std::atomic<std::size_t> size_ = 0;
  mutable std::shared_mutex mutex_;
  std::unordered_set<Uuid> sessions_;
  std::deque<Added> by_age_;
};

}  // namespace instapay::auth
