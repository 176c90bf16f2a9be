#include "auth/opaque_token.h"

#include <algorithm>

#include "auth/base64url.h"
#include "auth/openssl.h"
#include "auth/random.h"

namespace instapay::auth {
namespace {

TokenHash sha256(const void* bytes, std::size_t size) {
  TokenHash hash{};
  require(EVP_Digest(bytes, size, hash.data(), nullptr, EVP_sha256(), nullptr) == 1, "SHA-256");
  return hash;
}

}  // namespace

OpaqueToken make_opaque_token() {
  const auto bytes = random_bytes<kOpaqueToken_bytes>();
  return {base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()}),
          sha256(bytes.data(), bytes.size())};
}

std::optional<TokenHash> hash_opaque_token(std::string_view text) {
  constexpr std::size_t kText_chars = (kOpaqueToken_bytes * 4 + 2) / 3;
  if (text.size() != kText_chars) return std::nullopt;
  const auto bytes = base64url_decode(text);
  if (!bytes) return std::nullopt;
  return sha256(bytes->data(), bytes->size());
}

}  // namespace instapay::auth
