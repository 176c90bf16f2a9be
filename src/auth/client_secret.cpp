#include "auth/client_secret.h"

#include <openssl/crypto.h>

#include "auth/opaque_token.h"

namespace instapay::auth {

ClientSecret make_client_secret() {
  const OpaqueToken token = make_opaque_token();
  return {std::string(kClientSecretPrefix) + token.text, token.hash};
}

std::optional<Hash256> hash_client_secret(std::string_view text) {
  if (!text.starts_with(kClientSecretPrefix)) return std::nullopt;
  return hash_opaque_token(text.substr(kClientSecretPrefix.size()));
}

bool equal_hashes(const Hash256& one, std::span<const std::uint8_t> other) {
  return other.size() == one.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace instapay::auth
