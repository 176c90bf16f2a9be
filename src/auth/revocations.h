#pragma once
// What access tokens do not know yet: sessions that ended, roles and second factors that changed
// while tokens that say otherwise are still good. Every service asks the database each second for
// the latest.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <shared_mutex>
#include <span>
#include <unordered_map>

#include "auth/access_token.h"
#include "core/uuid.h"

namespace instapay::auth {

// Half a million ended sessions within one access token's life are an attack or a mistake; the
// oldest are forgotten first.
inline constexpr std::size_t kRevocationsMax = 500'000;

struct Revocation {
  Uuid id;                           // of what ended: a session, a service account, a credential,
  std::optional<Role> role;          // or of the user who has this role now,
  std::int64_t factors_version = 0;  // and whose second factors have this version
};

// Thread-safe. While there are none, asking costs one atomic read.
class Revocations {
 public:
  // `keep_us`: an access token's life, and a minute for clocks and polls.
  explicit Revocations(std::int64_t keep_us, std::size_t entries_max = kRevocationsMax)
      : keep_us_(keep_us), entries_max_(entries_max) {}

  enum class Verdict : std::uint8_t { good, session_ended, user_changed };
  Verdict check(const Claims& claims) const;

  // Known ones may come again. Forgets those that came longer ago than `keep_us`.
  void add(std::span<const Revocation> revocations, std::int64_t now_us);
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Known {
    std::int64_t since_us = 0;
    std::optional<Role> role;
    std::int64_t factors_version = 0;
  };
  struct Added {
    std::int64_t at_us;
    Uuid id;
  };
  void forget_old(std::int64_t now_us);

  const std::int64_t keep_us_;
  const std::size_t entries_max_;
  std::atomic<std::size_t> size_ = 0;
  mutable std::shared_mutex mutex_;
  std::unordered_map<Uuid, Known> known_;
  std::deque<Added> by_age_;
};

}  // namespace instapay::auth
