#include "auth/authenticator.h"

namespace instapay::auth {

Authenticator::Authenticator(KeyStore& keys, const Revocations& revocations, std::size_t threads,
                             std::size_t cache_entries_max)
    : keys_(keys), revocations_(revocations) {
  for (std::size_t i = 0; i < threads; ++i) {
    lanes_.push_back(std::make_unique<Lane>(cache_entries_max));
  }
}

Result<Claims> Authenticator::authenticate(std::string_view token, std::size_t thread,
                                           std::int64_t now_s) {
  Lane& lane = *lanes_.at(thread);
  if (const std::uint64_t generation = keys_.generation();
      lane.keys == nullptr || generation != lane.generation) {
    // The generation is read first: keys that change in between are taken again next time.
    lane.generation = generation;
    lane.keys = keys_.keys();
    lane.cache.clear();
  }
  Result<Claims> claims;
  if (const Claims* cached = lane.cache.find(token, now_s)) {
    claims = *cached;
  } else {
    claims = verify(lane, token, now_s);
    if (!claims) return claims;
  }
  switch (revocations_.check(*claims)) {
    case Revocations::Verdict::good:
      break;
    case Revocations::Verdict::session_ended:
      return fail(Code::token_revoked, "The session has ended; log in again.");
    case Revocations::Verdict::role_changed:
      return fail(Code::token_expired, "The role has changed; refresh the access token.");
  }
  return claims;
}

Result<Claims> Authenticator::verify(Lane& lane, std::string_view token, std::int64_t now_s) {
  // The user service could not be asked yet: nothing is wrong with the token.
  if (lane.keys->size() == 0)
    return fail(Code::keys_unavailable, "Access tokens cannot be checked yet.");
  const auto claims = verify_access_token(token, *lane.keys, now_s);
  if (claims) return *lane.cache.insert(token, *claims, now_s);
  if (claims.error() == TokenError::expired) {
    return fail(Code::token_expired, "The access token has expired; refresh it.");
  }
  keys_.note_unknown_kid(token_kid(token));
  return fail(Code::token_invalid, "The access token is not valid.");
}

}  // namespace instapay::auth
