#pragma once
// From the text of an access token to who is asking: the one place where the pieces meet.
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "auth/access_token.h"
#include "auth/key_store.h"
#include "auth/revocations.h"
#include "auth/verified_token_cache.h"
#include "core/error.h"

namespace instapay::auth {

// Thread-safe. A token verified for one thread is known to all.
class Authenticator {
 public:
  Authenticator(KeyStore& keys, const Revocations& revocations,
                std::size_t cache_entries_max = kTokenCacheEntriesDefault);

  // Errors: token_invalid, token_expired (also when role or factors changed: a refresh helps),
  // token_revoked; keys_unavailable while no keys have been fetched yet.
  Result<Claims> authenticate(std::string_view token, std::int64_t now_s);

 private:
  // Many, so that threads hardly ever wait for each other.
  static constexpr std::size_t kShards = 64;
  struct alignas(64) Shard {
    std::mutex mutex;
    VerifiedTokenCache cache;
    std::uint64_t generation = 0;  // of the keys that the cached tokens were verified with
  };
  Result<Claims> verify(std::string_view token, std::int64_t now_s);
  std::optional<Claims> find(Shard& shard, const Hash256& token, std::int64_t now_s);

  KeyStore& keys_;
  const Revocations& revocations_;
  std::array<Shard, kShards> shards_;
};

}  // namespace instapay::auth
