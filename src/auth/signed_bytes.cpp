#include "auth/signed_bytes.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "auth/openssl.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kTime_bytes = 8, kBeforeProof_bytes = kSignedHead_bytes + kTime_bytes;

Hash256 proof(const Hash256& secret, std::string_view before, std::string_view purpose) {
  return hmac_sha256(secret, bytes_of(std::string(before).append(purpose)));
}

}  // namespace

std::string sign_bytes(ByteSpan head, std::int64_t time_s, std::string_view purpose,
                       std::span<const Hash256> secrets) {
  std::string bytes(text_of(head));
  for (std::size_t i = 0; i < kTime_bytes; ++i)
    bytes += static_cast<char>(static_cast<std::uint64_t>(time_s) >> (8 * (kTime_bytes - 1 - i)));
  const Hash256 mac = proof(secrets.front(), bytes, purpose);
  return bytes.append(mac.begin(), mac.end());
}

bool is_signed(std::string_view bytes, std::string_view purpose, std::span<const Hash256> secrets) {
  if (bytes.size() != kSigned_bytes) return false;
  return std::ranges::any_of(secrets, [&](const Hash256& secret) {
    const Hash256 mac = proof(secret, bytes.substr(0, kBeforeProof_bytes), purpose);
    return CRYPTO_memcmp(mac.data(), bytes.data() + kBeforeProof_bytes, mac.size()) == 0;
  });
}

std::int64_t signed_time_s(std::string_view bytes) {
  std::uint64_t time_s = 0;
  for (const char c : bytes.substr(kSignedHead_bytes, kTime_bytes))
    time_s = time_s << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(time_s);
}

}  // namespace instapay::auth
