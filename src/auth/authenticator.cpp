#include "auth/authenticator.h"

namespace instapay::auth {

Authenticator::Authenticator(KeyStore& keys, const Revocations& revocations,
                             std::size_t cache_entries_max)
    : keys_(keys), revocations_(revocations) {
  for (Shard& shard : shards_) shard.cache = VerifiedTokenCache(cache_entries_max / kShards);
}

Result<Claims> Authenticator::authenticate(std::string_view token, std::int64_t now_s) {
  auto claims = verify(token, now_s);
  if (!claims) return claims;
  switch (revocations_.check(*claims)) {
    case Revocations::Verdict::good:
      break;
    case Revocations::Verdict::session_ended:
      return fail(Code::token_revoked, "The session has ended; log in again.");
    case Revocations::Verdict::user_changed:
      return fail(Code::token_expired,
                  "The role or the second factor has changed; refresh the access token.");
  }
  return claims;
}

std::optional<Claims> Authenticator::find(Shard& shard, const Hash256& token, std::int64_t now_s) {
  const std::lock_guard lock(shard.mutex);
  if (const std::uint64_t now = keys_.generation(); now != shard.generation) {
    shard.generation = now;
    shard.cache.clear();
  }
  const Claims* cached = shard.cache.find(token, now_s);
  return cached == nullptr ? std::nullopt : std::optional(*cached);
}

Result<Claims> Authenticator::verify(std::string_view token, std::int64_t now_s) {
  const Hash256 digest = sha256(token);
  // By its last byte: the cache goes by its first ones.
  Shard& shard = shards_[digest.back() % kShards];
  if (const auto cached = find(shard, digest, now_s)) return *cached;
  // The generation is read first: keys that change in between are taken again next time. Nobody
  // waits while a signature is checked.
  const std::uint64_t generation = keys_.generation();
  const auto keys = keys_.keys();
  // The user service could not be asked yet: nothing is wrong with the token.
  if (keys->size() == 0)
    return fail(Code::keys_unavailable, "Access tokens cannot be checked yet.");
  const auto claims = verify_access_token(token, *keys, now_s);
  if (claims) {
    const std::lock_guard lock(shard.mutex);
    if (shard.generation == generation) shard.cache.insert(digest, *claims, now_s);
    return *claims;
  }
  if (claims.error() == TokenError::expired) {
    return fail(Code::token_expired, "The access token has expired; refresh it.");
  }
  if (claims.error() == TokenError::unknown_key) keys_.want_newer();
  return fail(Code::token_invalid, "The access token is not valid.");
}

}  // namespace instapay::auth
