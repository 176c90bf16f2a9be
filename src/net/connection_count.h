#pragma once
// How many connections are open, in all and from each household (an IPv4 address, a /64 of IPv6).
// Thread-safe.
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "core/ip_address.h"

namespace instapay::net {

class ConnectionCount {
 public:
  /// `per_household_max` 0: no limit.
  ConnectionCount(std::size_t max, std::size_t per_household_max)
      : max_(max), per_household_max_(per_household_max) {}

  enum class Verdict : std::uint8_t { counted, all_full, household_full };

  /// Counts one more, unless that would pass a limit. What was counted is to be removed. Proxies
  /// are exempt from the household's limit: they bring everybody's connections.
  Verdict add(const IpAddress& from, bool exempt) {
    const std::lock_guard lock(mutex_);
    if (open_ >= max_) return Verdict::all_full;
    if (!exempt && per_household_max_ > 0) {
      std::size_t& mine = by_household_[from.household()];
      if (mine >= per_household_max_) return Verdict::household_full;
      ++mine;
    }
    ++open_;
    return Verdict::counted;
  }

  void remove(const IpAddress& from, bool exempt) {
    const std::lock_guard lock(mutex_);
    --open_;
    if (exempt || per_household_max_ == 0) return;
    const auto mine = by_household_.find(from.household());
    if (--mine->second == 0) by_household_.erase(mine);
  }

  std::size_t open() const {
    const std::lock_guard lock(mutex_);
    return open_;
  }

 private:
  const std::size_t max_, per_household_max_;
  mutable std::mutex mutex_;
  std::size_t open_ = 0;
  std::map<IpAddress, std::size_t> by_household_;
};

}  // namespace instapay::net
