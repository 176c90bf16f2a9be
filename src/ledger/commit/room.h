#pragma once
// Whether the database has room for more. While it has not, nothing but control entries is written:
// what is refused early leaves the database able to go on. Thread-safe.
#include <atomic>
#include <cstdint>

#include "core/time.h"

namespace instapay::ledger {

class Room {
 public:
  /// By whoever measures the space that is left.
  void measured(bool low) { low_ = low; }
  /// The database itself refused to write for lack of space: whatever was measured, it is asked
  /// again only after a while.
  void found_full() { full_until_us_ = monotonic_us() + kFullRemembered_us; }

  bool low() const { return low_ || monotonic_us() < full_until_us_; }

 private:
  static constexpr std::int64_t kFullRemembered_us = kSecond_us;

  std::atomic<bool> low_ = false;
  std::atomic<std::int64_t> full_until_us_ = 0;
};

}  // namespace instapay::ledger
