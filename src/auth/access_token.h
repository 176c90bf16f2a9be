#pragma once
// Access tokens: compact JWS, profile of RFC 9068, checked by the rules of RFC 8725.
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "auth/signing_key.h"
#include "core/factor.h"
#include "core/role.h"
#include "core/scope.h"
#include "core/uuid.h"

namespace instapay::auth {

inline constexpr std::size_t kTokenMax_bytes = 2048;
// How far a verifier's clock may run behind the issuer's. Expiry itself has no allowance: the
// token says 15 minutes, and a client that is told `token_expired` refreshes.
inline constexpr std::int64_t kClockSkewMax_s = 30;

inline constexpr std::string_view kIssuer = "instapay";
inline constexpr std::string_view kAudience = "instapay-api";

struct Claims {
  Uuid subject;                   // the user, or the service account
  Uuid session_id;                // claim `sid`: ending the session refuses its tokens; of a
                                  // service account, the credential that it got the token for
  Uuid token_id;                  // claim `jti`
  std::int64_t issued_at_s = 0;   // Unix time
  std::int64_t expires_at_s = 0;  // the first second at which the token is no longer good
  Role role = Role::user;
  // Claims `auth_time` and `amr` (OpenID Connect, RFC 8176), and `factors` of our own. Left out of
  // the tokens of who never had a second factor.
  FactorState factors = {};
  // Claims `client_id`, `scope` and, of our own, `wallet`: the token is a service account's. It has
  // no claim `role` then, so that who knows nothing of machines refuses it.
  std::optional<Machine> machine = {};
  bool operator==(const Claims&) const = default;
};

enum class TokenError : std::uint8_t {
  invalid,      // anything but the next two: what exactly would only help an attacker
  unknown_key,  // as invalid to who asks; newer keys might have the one that it names
  expired,      // genuine, but too old
};

struct TokenExpectations {
  std::string_view issuer = kIssuer;
  std::string_view audience = kAudience;
};

// Thread-safe; throws std::runtime_error only if OpenSSL fails.
std::string issue_access_token(const Claims& claims, const SigningKeys& keys,
                               const TokenExpectations& names = {});

// Thread-safe. Some 20 µs with an RS256 key: put a VerifiedTokenCache in front.
std::expected<Claims, TokenError> verify_access_token(std::string_view token, const KeySet& keys,
                                                      std::int64_t now_s,
                                                      const TokenExpectations& expected = {});

}  // namespace instapay::auth
