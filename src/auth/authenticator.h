#pragma once
// From the text of an access token to who is asking: the one place where the pieces meet.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "auth/access_token.h"
#include "auth/key_store.h"
#include "auth/revocations.h"
#include "auth/verified_token_cache.h"
#include "core/error.h"

namespace instapay::auth {

// Thread-safe as long as each thread brings a number of its own below `threads`.
class Authenticator {
 public:
  Authenticator(KeyStore& keys, const Revocations& revocations, std::size_t threads,
                std::size_t cache_entries_max = kTokenCacheEntriesDefault);

  // Errors: token_invalid, token_expired (also when the role changed: a refresh helps),
  // token_revoked.
  Result<Claims> authenticate(std::string_view token, std::size_t thread, std::int64_t now_s);

 private:
  // One per thread, each in memory of its own so that threads do not share cache lines.
  struct alignas(64) Lane {
    explicit Lane(std::size_t entries_max) : cache(entries_max) {}
    VerifiedTokenCache cache;
    std::shared_ptr<const KeySet> keys;
    std::uint64_t generation = 0;
  };
  Result<Claims> verify(Lane& lane, std::string_view token, std::int64_t now_s);

  KeyStore& keys_;
  const Revocations& revocations_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace instapay::auth
