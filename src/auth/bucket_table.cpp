#include "auth/bucket_table.h"

#include <algorithm>
#include <bit>
#include <span>

#include "auth/random.h"

namespace instapay::auth {

BucketTable::BucketTable(std::size_t entries_max)
    : secret_(std::bit_cast<SipKey>(random_bytes<sizeof(SipKey)>())),
      sets_per_shard_(std::bit_ceil(std::max<std::size_t>(entries_max / (kShards * kWays), 1))) {
  for (Shard& shard : shards_) shard.entries.resize(sets_per_shard_ * kWays);
}

BucketTable::Place BucketTable::place_of(std::string_view key) {
  const std::uint64_t hash = siphash(secret_, key);
  const std::size_t set = (hash >> 8) & (sets_per_shard_ - 1);
  return {shards_[hash % kShards], hash, set * kWays};
}

BucketTable::Entry* BucketTable::find(const Place& place) {
  const auto set = std::span(place.shard.entries).subspan(place.first, kWays);
  const auto found = std::ranges::find(set, place.key, &Entry::key);
  return found == set.end() ? nullptr : &*found;
}

BucketTable::Entry& BucketTable::find_or_replace(const Place& place) {
  if (Entry* entry = find(place)) return *entry;
  const auto set = std::span(place.shard.entries).subspan(place.first, kWays);
  Entry& fullest = *std::ranges::min_element(set, {}, &Entry::full_at_ns);
  fullest = {.key = place.key, .full_at_ns = 0};
  return fullest;
}

BucketState BucketTable::state_of(std::int64_t full_at_ns, const BucketRate& rate,
                                  std::int64_t now_ns) {
  const std::int64_t missing_ns = std::max<std::int64_t>(full_at_ns - now_ns, 0);
  const std::int64_t capacity_ns = rate.burst * rate.interval_ns;
  const std::int64_t spare_ns = capacity_ns - missing_ns;
  const bool allowed = spare_ns >= rate.interval_ns;
  return {.allowed = allowed,
          .remaining = std::max<std::int64_t>(spare_ns, 0) / rate.interval_ns,
          .full_in_ns = missing_ns,
          .retry_in_ns = allowed ? 0 : rate.interval_ns - spare_ns};
}

BucketState BucketTable::take(std::string_view key, const BucketRate& rate, std::int64_t now_ns) {
  if (rate.burst == 0) return {};
  const Place place = place_of(key);
  const std::scoped_lock lock(place.shard.mutex);
  Entry& entry = find_or_replace(place);
  if (const auto before = state_of(entry.full_at_ns, rate, now_ns); !before.allowed) return before;
  entry.full_at_ns = std::max(entry.full_at_ns, now_ns) + rate.interval_ns;
  BucketState after = state_of(entry.full_at_ns, rate, now_ns);
  after.allowed = true;
  after.retry_in_ns = 0;
  return after;
}

BucketState BucketTable::charge(std::string_view key, const BucketRate& rate, std::int64_t count,
                                std::int64_t now_ns) {
  if (rate.burst == 0) return {};
  const Place place = place_of(key);
  const std::scoped_lock lock(place.shard.mutex);
  Entry& entry = find_or_replace(place);
  const std::int64_t capacity_ns = rate.burst * rate.interval_ns;
  if (entry.full_at_ns - now_ns > capacity_ns) return state_of(entry.full_at_ns, rate, now_ns);
  entry.full_at_ns = std::max(entry.full_at_ns, now_ns) + count * rate.interval_ns;
  BucketState after = state_of(entry.full_at_ns, rate, now_ns);
  after.allowed = true;
  after.retry_in_ns = 0;
  return after;
}

BucketState BucketTable::peek(std::string_view key, const BucketRate& rate, std::int64_t now_ns) {
  if (rate.burst == 0) return {};
  const Place place = place_of(key);
  const std::scoped_lock lock(place.shard.mutex);
  const Entry* entry = find(place);
  return state_of(entry == nullptr ? 0 : entry->full_at_ns, rate, now_ns);
}

void BucketTable::give_back(std::string_view key, const BucketRate& rate, std::int64_t now_ns) {
  if (rate.burst == 0) return;
  const Place place = place_of(key);
  const std::scoped_lock lock(place.shard.mutex);
  if (Entry* entry = find(place)) {
    entry->full_at_ns = std::max(entry->full_at_ns - rate.interval_ns, now_ns);
  }
}

void BucketTable::reset(std::string_view key) {
  const Place place = place_of(key);
  const std::scoped_lock lock(place.shard.mutex);
  if (Entry* entry = find(place)) entry->full_at_ns = 0;
}

}  // namespace instapay::auth
