#pragma once
// How a service account proves itself with a key of its own: a signed assertion (RFC 7523 §2.2,
// `private_key_jwt` of OpenID Connect), checked by the rules of RFC 8725. That one is used once is
// the caller's to see to.
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "auth/public_key.h"
#include "core/uuid.h"

namespace instapay::auth {

inline constexpr std::size_t kAssertionMax_bytes = 4096;
// Until when one may be good, from now on: it is kept so long, that it is not used again.
inline constexpr std::int64_t kAssertionLifeMax_s = 300;
inline constexpr std::size_t kAssertionIdMax_bytes = 128;
inline constexpr std::size_t kClientKeyMax_bytes = 2048;

/// A public key as somebody registers it: a JWK of RSA (2048 to 4096 bits), P-256 or Ed25519. The
/// error is a few words for people; also where the JWK has the private half in it.
std::expected<PublicKey, std::string> read_client_key(const Json& jwk);

/// Who an assertion says to be of, before anything is checked. Nullopt: it is none.
std::optional<Uuid> claimed_client(std::string_view assertion);

struct ClientAssertion {
  std::size_t key = 0;  // which of the keys signed it
  std::string id;       // its jti
  std::int64_t expires_at_s = 0;
};

/// `audiences`: the names that this server goes by. The error is a few words for the log.
/// Thread-safe.
std::expected<ClientAssertion, std::string_view> verify_client_assertion(
    std::string_view assertion, const Uuid& client, std::span<const PublicKey> keys,
    std::span<const std::string> audiences, std::int64_t now_s);

}  // namespace instapay::auth
