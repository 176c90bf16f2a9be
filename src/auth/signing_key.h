#pragma once
// ES256 (ECDSA, P-256, SHA-256) keys: the private ones of who signs access tokens or receipts, and
// everybody's public ones.
#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using EVP_PKEY = struct evp_pkey_st;

namespace instapay::auth {

inline constexpr std::size_t kJwksMax_bytes = 64 * 1024;
inline constexpr std::size_t kJwksKeysMax = 16;
inline constexpr std::size_t kKidMax_bytes = 128;
inline constexpr std::size_t kEs256Signature_bytes = 64;

using KeyHandle = std::shared_ptr<EVP_PKEY>;

// Public keys by `kid`. Immutable after parsing: safe to read from many threads.
class KeySet {
 public:
  // From a JWKS document (RFC 7517). Keys of other types, uses or algorithms are skipped, as §5
  // asks; an error says why the document as a whole is unusable (also: no ES256 key in it, one
  // `kid` twice, a private key published). A key without `kid` gets its thumbprint.
  static std::expected<KeySet, std::string> parse(std::string_view jwks);

  // {"keys":[…]} in order of `kid`.
  std::string to_jwks() const;

  bool contains(std::string_view kid) const { return keys_.find(kid) != keys_.end(); }
  std::size_t size() const { return keys_.size(); }
  // Whatever each is called.
  bool shares_a_key(const KeySet& other) const;
  bool operator==(const KeySet& other) const { return to_jwks() == other.to_jwks(); }

  // `signature` is R||S (RFC 7518 §3.4). False for an unknown kid.
  bool verify(std::string_view kid, std::string_view message, std::string_view signature) const;

 private:
  friend class SigningKeys;
  struct Key {
    KeyHandle handle;
    std::string x, y;  // coordinates, base64url
  };
  std::map<std::string, Key, std::less<>> keys_;
};

// Private keys: the first signs, all verify, so keys rotate by putting a new one in front.
// Immutable after loading: safe to use from many threads.
class SigningKeys {
 public:
  // One or more unencrypted P-256 private keys in PEM, one after the other (PKCS#8 or SEC 1).
  // An error says what is wrong and never shows key material.
  static std::expected<SigningKeys, std::string> from_pem(std::string_view pem);

  // A new key as PKCS#8 PEM. Throws std::runtime_error if OpenSSL fails.
  static std::string generate_pem();

  // RFC 7638 thumbprint of the key that signs.
  const std::string& kid() const { return kid_; }
  const KeySet& public_keys() const { return public_keys_; }

  // R||S over SHA-256 of the message. Throws std::runtime_error if OpenSSL fails.
  std::string sign(std::string_view message) const;

 private:
  SigningKeys() = default;

  KeyHandle signer_;
  std::string kid_;
  KeySet public_keys_;
};

// RFC 7638 thumbprint of a P-256 key given by its base64url coordinates.
std::string jwk_thumbprint(std::string_view x, std::string_view y);

}  // namespace instapay::auth
