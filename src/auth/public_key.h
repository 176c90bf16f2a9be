#pragma once
// A public key that checks signatures, with the one algorithm that its type allows (RFC 8725 §3.1):
// an RSA key is RS256, a P-256 key is ES256, an Ed25519 key is EdDSA, and nothing in a token can
// change that.
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/json.h"

using EVP_PKEY = struct evp_pkey_st;
using EVP_PKEY_CTX = struct evp_pkey_ctx_st;

namespace instapay::auth {

enum class Algorithm : std::uint8_t {
  rs256,  // RSASSA-PKCS1-v1_5 with SHA-256
  es256,  // ECDSA on P-256 with SHA-256
  eddsa,  // Ed25519 (RFC 8037)
};
std::string_view name_of(Algorithm algorithm);
std::optional<Algorithm> parse_algorithm(std::string_view name);

inline constexpr std::size_t kEs256Signature_bytes = 64;
inline constexpr std::size_t kEd25519Signature_bytes = 64;
inline constexpr int kRsaKeyMin_bits = 2048;  // RFC 7518 §3.3
inline constexpr int kRsaKeyMax_bits = 4096;  // more would make checking a token slow
inline constexpr unsigned long kRsaExponent = 65'537;

using KeyHandle = std::shared_ptr<EVP_PKEY>;

// Keys of their numbers, as JWK and COSE both write them (big-endian); null when they are no key.
// An RSA key has the exponent kRsaExponent and may be of any size.
KeyHandle p256_key(std::string_view x, std::string_view y);
KeyHandle rsa_key(std::string_view modulus);
KeyHandle ed25519_key(std::string_view x);

// Immutable and thread-safe; copies share what they hold.
class PublicKey {
 public:
  // The public half of a key that the algorithm is for; nullopt for every other. Whether its
  // numbers are sound is the caller's to check.
  static std::optional<PublicKey> of(KeyHandle key, Algorithm algorithm);

  // A key of a JWKS document (RFC 7517) for this algorithm. The error is a few words for people.
  static std::expected<PublicKey, std::string> from_jwk(const Json& jwk, Algorithm algorithm);

  Algorithm algorithm() const { return algorithm_; }
  const EVP_PKEY* handle() const { return handle_.get(); }

  // RFC 7638.
  std::string thumbprint() const;
  // Writes {"kty":…,"use":"sig","alg":…,"kid":…}.
  void write_jwk(JsonWriter& json, std::string_view kid) const;

  // `signature` as JWS has it: R||S, or the RSA signature (RFC 7518 §3.3, §3.4), or Ed25519's.
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  PublicKey() = default;

  KeyHandle handle_;
  // Made once and copied for each signature: looking up algorithms by name costs 3 µs. Not of
  // EdDSA.
  std::shared_ptr<EVP_PKEY_CTX> verifier_;
  std::size_t signature_bytes_ = 0;
  std::string first_, second_;  // x and y, or n and e, or x; base64url
  Algorithm algorithm_{};
};

}  // namespace instapay::auth
