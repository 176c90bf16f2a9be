#pragma once
// Compact JWS (RFC 7515) by the rules of RFC 8725: each key has one algorithm, which the text must
// name and cannot choose; a type, so that what was signed for one purpose is not taken for another.
#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "auth/signing_key.h"
#include "core/json.h"

namespace instapay::auth {

struct Jws {
  Algorithm algorithm{};         // what it says, to be compared with its key's
  std::string kid;               // empty when the header has none
  std::string payload;           // decoded, not yet looked at
  std::string signature;         // decoded
  std::string_view signed_text;  // in the text that was parsed
};

/// Looks at everything but the signature. The error is a few words for people.
std::expected<Jws, std::string_view> parse_jws(std::string_view text, std::string_view type,
                                               std::size_t max_bytes);

/// The same, for one of several types; an empty one stands for a header without `typ`.
std::expected<Jws, std::string_view> parse_jws_of(std::string_view text,
                                                  std::span<const std::string_view> types,
                                                  std::size_t max_bytes);

/// Whether the key of the set with that `kid` signed it, by its own algorithm.
inline bool verify_jws(const Jws& jws, const KeySet& keys) {
  const PublicKey* key = keys.find(jws.kid);
  return key != nullptr && key->algorithm() == jws.algorithm &&
         key->verify(jws.signed_text, jws.signature);
}

/// Thread-safe; throws std::runtime_error only if OpenSSL fails.
std::string sign_jws(std::string_view payload, std::string_view type, const SigningKeys& keys);

/// The text of a member; empty when it is missing or something else.
std::string_view text_of(const Json& object, std::string_view name);

}  // namespace instapay::auth
