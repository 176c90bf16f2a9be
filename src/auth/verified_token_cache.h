#pragma once
// Access tokens already verified, so that a signature is checked once per token, not per request.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/access_token.h"

namespace instapay::auth {

inline constexpr std::size_t kTokenCacheEntriesDefault = 16'384;

// Not thread-safe.
//
// Bounded: a new token takes the place of an expired or the oldest one among the kWays it may sit
// beside. The whole text is compared, so a hash collision can never authenticate. A cached token
// outlives the key that signed it: call clear() when the key set changes.
class VerifiedTokenCache {
 public:
  explicit VerifiedTokenCache(std::size_t entries_max = kTokenCacheEntriesDefault);

  // Null when unknown or no longer good at `now_s`. The pointer lives until the next call of a
  // non-const member.
  const Claims* find(std::string_view token, std::int64_t now_s) const;

  // Only what verify_access_token() accepted for this very text. The pointer is as that of find().
  const Claims* insert(std::string_view token, const Claims& claims, std::int64_t now_s);

  void clear();
  std::size_t size() const { return size_; }

  // A hash of the token, as good as random.
  static std::uint64_t tag_of(std::string_view token);

  std::size_t entries_max() const { return slots_.size(); }

 private:
  static constexpr std::size_t kWays = 8;
  struct Entry {
    std::string token;
    Claims claims;
  };
  struct Slot {
    std::uint64_t tag = 0;
    std::unique_ptr<Entry> entry;  // made on first use: an idle cache costs 16 bytes a slot
  };

  std::size_t first_slot(std::uint64_t tag) const { return (tag & set_mask_) * kWays; }

  std::vector<Slot> slots_;
  std::size_t set_mask_;
  std::size_t size_ = 0;
};

}  // namespace instapay::auth
