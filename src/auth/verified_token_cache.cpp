#include "auth/verified_token_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace instapay::auth {
namespace {

// A digest is as good as random, wherever it is cut.
std::uint64_t tag_of(const Hash256& token) {
  std::uint64_t tag = 0;
  std::memcpy(&tag, token.data(), sizeof tag);
  return tag;
}

}  // namespace

VerifiedTokenCache::VerifiedTokenCache(std::size_t entries_max)
    : sets_(std::bit_ceil(std::max(entries_max, kWays)) / kWays) {}

const Claims* VerifiedTokenCache::find(const Hash256& token, std::int64_t now_s) const {
  const std::uint64_t tag = tag_of(token);
  const Set* set = sets_[place_of(tag)].get();
  if (set == nullptr) return nullptr;
  for (std::size_t i = 0; i < set->size; ++i) {
    if (set->tags[i] != tag || set->entries[i].token != token) continue;
    const Claims& claims = set->entries[i].claims;
    return now_s < claims.expires_at_s ? &claims : nullptr;
  }
  return nullptr;
}

// Its own place, else a free or expired one, else that of the token that ends first.
std::size_t VerifiedTokenCache::place_in(const Set& set, std::uint64_t tag, const Hash256& token,
                                         std::int64_t now_s) {
  std::size_t first = 0;
  for (std::size_t i = 0; i < set.size; ++i) {
    if (set.tags[i] == tag && set.entries[i].token == token) return i;
    if (set.entries[i].claims.expires_at_s < set.entries[first].claims.expires_at_s) first = i;
  }
  const bool has_expired = set.size > 0 && set.entries[first].claims.expires_at_s <= now_s;
  return set.size < kWays && !has_expired ? set.size : first;
}

const Claims* VerifiedTokenCache::insert(const Hash256& token, const Claims& claims,
                                         std::int64_t now_s) {
  const std::uint64_t tag = tag_of(token);
  std::unique_ptr<Set>& set = sets_[place_of(tag)];
  if (set == nullptr) set = std::make_unique<Set>();
  const std::size_t place = place_in(*set, tag, token, now_s);
  if (place == set->size) {
    ++set->size;
    ++size_;
  }
  set->tags[place] = tag;
  set->entries[place] = {token, claims};
  return &set->entries[place].claims;
}

void VerifiedTokenCache::clear() {
  for (auto& set : sets_) set.reset();
  size_ = 0;
}

}  // namespace instapay::auth
