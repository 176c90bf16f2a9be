#include "auth/opaque_token.h"

#include <algorithm>

#include "auth/base64url.h"
#include "auth/random.h"

namespace instapay::auth {
namespace {

using Bytes = std::array<std::uint8_t, kOpaqueToken_bytes>;
constexpr std::size_t kText_chars = (kOpaqueToken_bytes * 4 + 2) / 3;

std::string_view view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<Bytes> parse(std::string_view text) {
  if (text.size() != kText_chars) return std::nullopt;
  const auto decoded = base64url_decode(text);
  if (!decoded) return std::nullopt;
  Bytes bytes{};
  std::ranges::copy(*decoded, bytes.begin());
  return bytes;
}

// The prefix keeps this apart from the hash that is stored.
Bytes mask_with(const Bytes& old_token, const Bytes& other) {
  Bytes masked = sha256(std::string("instapay refresh successor\n").append(view(old_token)));
  for (std::size_t i = 0; i < masked.size(); ++i) masked[i] ^= other[i];
  return masked;
}

}  // namespace

OpaqueToken make_opaque_token() {
  const Bytes bytes = random_bytes<kOpaqueToken_bytes>();
  return {base64url_encode(view(bytes)), sha256(view(bytes))};
}

std::optional<TokenHash> hash_opaque_token(std::string_view text) {
  const auto bytes = parse(text);
  if (!bytes) return std::nullopt;
  return sha256(view(*bytes));
}

std::optional<SealedToken> seal_successor(std::string_view old_text,
                                          std::string_view successor_text) {
  const auto old_token = parse(old_text);
  const auto successor = parse(successor_text);
  if (!old_token || !successor) return std::nullopt;
  return mask_with(*old_token, *successor);
}

std::optional<std::string> unseal_successor(std::string_view old_text, const SealedToken& sealed) {
  const auto old_token = parse(old_text);
  if (!old_token) return std::nullopt;
  return base64url_encode(view(mask_with(*old_token, sealed)));
}

}  // namespace instapay::auth
