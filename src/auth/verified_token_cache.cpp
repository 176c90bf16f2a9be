#include "auth/verified_token_cache.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace instapay::auth {

VerifiedTokenCache::VerifiedTokenCache(std::size_t entries_max)
    : slots_(std::bit_ceil(std::max(entries_max, kWays))), set_mask_(slots_.size() / kWays - 1) {}

std::uint64_t VerifiedTokenCache::tag_of(std::string_view token) {
  // The end of a token is its signature, as good as random. Only verified tokens are stored, so
  // nobody can fill a set on purpose.
  constexpr std::size_t kTail_bytes = 32;
  return std::hash<std::string_view>{}(
      token.substr(token.size() > kTail_bytes ? token.size() - kTail_bytes : 0));
}

const Claims* VerifiedTokenCache::find(std::string_view token, std::int64_t now_s) const {
  const std::uint64_t tag = tag_of(token);
  const std::size_t first = first_slot(tag);
  for (std::size_t i = first; i < first + kWays; ++i) {
    const Slot& slot = slots_[i];
    if (slot.tag != tag || slot.entry == nullptr || slot.entry->token != token) continue;
    return now_s < slot.entry->claims.expires_at_s ? &slot.entry->claims : nullptr;
  }
  return nullptr;
}

const Claims* VerifiedTokenCache::insert(std::string_view token, const Claims& claims,
                                         std::int64_t now_s) {
  const std::uint64_t tag = tag_of(token);
  const std::size_t first = first_slot(tag);
  // Its own place, else a free or expired one, else that of the token that ends first.
  Slot* victim = nullptr;
  std::int64_t victim_end_s = 0;
  for (std::size_t i = first; i < first + kWays; ++i) {
    Slot& slot = slots_[i];
    if (slot.entry != nullptr && slot.tag == tag && slot.entry->token == token) {
      victim = &slot;
      break;
    }
    const std::int64_t end_s = slot.entry == nullptr || slot.entry->claims.expires_at_s <= now_s
                                   ? -1
                                   : slot.entry->claims.expires_at_s;
    if (victim == nullptr || end_s < victim_end_s) {
      victim = &slot;
      victim_end_s = end_s;
    }
  }
  if (victim->entry == nullptr) {
    victim->entry = std::make_unique<Entry>();
    ++size_;
  }
  victim->tag = tag;
  victim->entry->token.assign(token);
  victim->entry->claims = claims;
  return &victim->entry->claims;
}

void VerifiedTokenCache::clear() {
  for (Slot& slot : slots_) slot.entry.reset();
  size_ = 0;
}

}  // namespace instapay::auth
