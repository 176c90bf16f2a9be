#pragma once
// Token buckets for many keys in memory of a fixed size: what rate limits and the login throttle
// are made of.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "auth/siphash.h"

namespace instapay::auth {

// `burst` tokens at most, one more every `interval_ns`. `burst` 0 means no limit.
struct BucketRate {
  std::int64_t burst = 0;
  std::int64_t interval_ns = 0;
};

struct BucketState {
  bool allowed = true;
  std::int64_t remaining = 0;    // whole tokens left
  std::int64_t full_in_ns = 0;   // until the bucket is full again
  std::int64_t retry_in_ns = 0;  // until there is a token; 0 when allowed
};

// Thread-safe (a mutex per shard). Times are monotonic nanoseconds from the caller.
//
// Keys are kept as 64-bit keyed hashes, eight to a set; a new key takes the place of the fullest
// bucket in its set. A full bucket says nothing, so that loses something only when more keys are
// active at once than the table has entries.
class BucketTable {
 public:
  explicit BucketTable(std::size_t entries_max);

  // Takes a token if there is one.
  BucketState take(std::string_view key, const BucketRate& rate, std::int64_t now_ns);
  // Takes `count` tokens, into debt if need be, unless the bucket is in debt already.
  BucketState charge(std::string_view key, const BucketRate& rate, std::int64_t count,
                     std::int64_t now_ns);
  // What take() would say, without taking.
  BucketState peek(std::string_view key, const BucketRate& rate, std::int64_t now_ns);
  // Gives one token back.
  void give_back(std::string_view key, const BucketRate& rate, std::int64_t now_ns);
  // Full again.
  void reset(std::string_view key);

  std::size_t entries_max() const { return kShards * sets_per_shard_ * kWays; }

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kWays = 8;

  // A bucket is one number: when it will be full (the generic cell rate algorithm).
  struct Entry {
    std::uint64_t key = 0;
    std::int64_t full_at_ns = 0;
  };
  struct alignas(64) Shard {
    std::mutex mutex;
    std::vector<Entry> entries;
  };
  struct Place {
    Shard& shard;
    std::uint64_t key;
    std::size_t first;
  };

  Place place_of(std::string_view key);
  static Entry* find(const Place& place);
  static Entry& find_or_replace(const Place& place);
  static BucketState state_of(std::int64_t full_at_ns, const BucketRate& rate, std::int64_t now_ns);

  SipKey secret_;
  std::size_t sets_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace instapay::auth
