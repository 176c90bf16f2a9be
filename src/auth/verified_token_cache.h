#pragma once
// Access tokens already verified, so that a signature is checked once per token, not per request.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "auth/access_token.h"
#include "core/sha256.h"

namespace instapay::auth {

inline constexpr std::size_t kTokenCacheEntriesDefault = 16'384;

// Not thread-safe.
//
// A token is known by its SHA-256, so that its length costs no memory: who could make another text
// with the same digest could forge the signature too, which is over a SHA-256. Bounded: a new token
// takes the place of an expired or the oldest one among the kWays it may sit beside. A cached token
// outlives the key that signed it: call clear() when the key set changes.
class VerifiedTokenCache {
 public:
  explicit VerifiedTokenCache(std::size_t entries_max = kTokenCacheEntriesDefault);

  // Null when unknown or no longer good at `now_s`. The pointer lives until the next call of a
  // non-const member.
  const Claims* find(const Hash256& token, std::int64_t now_s) const;

  // Only what verify_access_token() accepted for the text with this digest. The pointer is as that
  // of find().
  const Claims* insert(const Hash256& token, const Claims& claims, std::int64_t now_s);

  void clear();
  std::size_t size() const { return size_; }
  std::size_t entries_max() const { return sets_.size() * kWays; }

 private:
  static constexpr std::size_t kWays = 8;
  struct Entry {
    Hash256 token{};
    Claims claims;
  };
  struct alignas(64) Set {
    std::array<std::uint64_t, kWays> tags{};  // of each entry, in one line of the CPU's cache
    std::array<Entry, kWays> entries;
    std::size_t size = 0;
  };

  std::size_t place_of(std::uint64_t tag) const { return tag & (sets_.size() - 1); }
  static std::size_t place_in(const Set& set, std::uint64_t tag, const Hash256& token,
                              std::int64_t now_s);

  std::vector<std::unique_ptr<Set>> sets_;  // made on first use: an idle cache costs a byte a token
  std::size_t size_ = 0;
};

}  // namespace instapay::auth
