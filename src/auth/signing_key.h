#pragma once
// Keys: the private ones of who signs access tokens or receipts, and everybody's public ones.
#include <array>
#include <cstddef>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/public_key.h"
#include "core/sha256.h"

namespace instapay::auth {

inline constexpr std::size_t kJwksMax_bytes = 64 * 1024;
inline constexpr std::size_t kJwksKeysMax = 16;
inline constexpr std::size_t kKidMax_bytes = 128;

// What a key may be used for, and which algorithms keys for it may have: new keys have the first.
// Tokens are verified with every first request, and RSA does that four times as fast; receipts are
// kept, sent and printed, and an ES256 signature is a quarter as long
// (docs/decisions/0015-access-tokens-rs256.md).
struct KeyPurpose {
  std::string_view setting;
  std::string_view development_file;
  std::span<const Algorithm> algorithms;

  bool allows(Algorithm algorithm) const;
};
inline constexpr std::array kTokenAlgorithms{Algorithm::rs256, Algorithm::es256};
inline constexpr std::array kReceiptAlgorithms{Algorithm::es256};
inline constexpr KeyPurpose kTokenKeys{"JWT_PRIVATE_KEY", "jwt-key.pem", kTokenAlgorithms};
inline constexpr KeyPurpose kReceiptKeys{"RECEIPT_PRIVATE_KEY", "receipt-key.pem",
                                         kReceiptAlgorithms};

// Public keys by `kid`. Immutable after parsing: safe to read from many threads.
class KeySet {
 public:
  // From a JWKS document (RFC 7517). Keys of other types, uses or algorithms are skipped, as §5
  // asks; an error says why the document as a whole is unusable (also: no key for the purpose in
  // it, one `kid` twice, a private key published). A key without `kid` gets its thumbprint.
  static std::expected<KeySet, std::string> parse(std::string_view jwks, const KeyPurpose& purpose);

  // {"keys":[…]} in order of `kid`.
  std::string to_jwks() const;

  // Null when there is none.
  const PublicKey* find(std::string_view kid) const;
  bool contains(std::string_view kid) const { return find(kid) != nullptr; }
  std::size_t size() const { return keys_.size(); }
  // Whatever each is called.
  bool shares_a_key(const KeySet& other) const;
  bool operator==(const KeySet& other) const { return to_jwks() == other.to_jwks(); }

 private:
  friend class SigningKeys;
  std::map<std::string, PublicKey, std::less<>> keys_;
};

// Private keys: the first signs, all verify, so keys rotate by putting a new one in front.
// Immutable after loading: safe to use from many threads.
class SigningKeys {
 public:
  // One or more unencrypted private keys in PEM, one after the other (PKCS#8, SEC 1 or PKCS#1).
  // Each has the algorithm of its type. An error says what is wrong and never shows key material.
  static std::expected<SigningKeys, std::string> from_pem(std::string_view pem,
                                                          const KeyPurpose& purpose);

  // A new key as PKCS#8 PEM. Throws std::runtime_error if OpenSSL fails.
  static std::string generate_pem(Algorithm algorithm);

  // RFC 7638 thumbprint of the key that signs.
  const std::string& kid() const { return kid_; }
  Algorithm algorithm() const { return algorithm_; }
  const KeySet& public_keys() const { return public_keys_; }

  // A secret of each key, in their order, for the purpose that `label` names. It tells nothing of
  // the key, nor of the secrets of other purposes.
  std::vector<Hash256> derive_secrets(std::string_view label) const;

  // As JWS has it: the RSA signature, or R||S. Throws std::runtime_error if OpenSSL fails.
  std::string sign(std::string_view message) const;

 private:
  SigningKeys() = default;

  KeyHandle signer_;
  Algorithm algorithm_{};
  std::string kid_;
  KeySet public_keys_;
  std::vector<Hash256> seeds_;  // of the private keys
};

}  // namespace instapay::auth
