#include "auth/login_challenge.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "auth/base64url.h"
#include "auth/openssl.h"

namespace instapay::auth {
namespace {

constexpr std::size_t kUser_bytes = 16, kTime_bytes = 8;
constexpr std::size_t kSigned_bytes = kUser_bytes + kTime_bytes;

std::string signed_part(const Uuid& user, std::int64_t expires_at_s) {
  std::string text(user.bytes.begin(), user.bytes.end());
  for (std::size_t i = 0; i < kTime_bytes; ++i)
    text +=
        static_cast<char>(static_cast<std::uint64_t>(expires_at_s) >> (8 * (kTime_bytes - 1 - i)));
  return text;
}

Hash256 proof(const Hash256& secret, std::string_view signed_part, std::string_view password_hash) {
  return hmac_sha256(secret, bytes_of(std::string(signed_part).append(password_hash)));
}

}  // namespace

std::string LoginChallenges::issue(const Uuid& user, std::string_view password_hash,
                                   std::int64_t now_s) const {
  std::string text = signed_part(user, now_s + kLoginChallengeTtl_s);
  const Hash256 mac = proof(secrets_.front(), text, password_hash);
  text.append(mac.begin(), mac.end());
  return base64url_encode(text);
}

std::optional<LoginChallenge> LoginChallenges::parse(std::string_view text) {
  const auto bytes = base64url_decode(text);
  if (!bytes || bytes->size() != kSigned_bytes + sizeof(Hash256)) return std::nullopt;
  LoginChallenge challenge;
  std::copy_n(bytes->begin(), kUser_bytes, challenge.user.bytes.begin());
  std::uint64_t time_s = 0;
  for (const char c : bytes->substr(kUser_bytes, kTime_bytes))
    time_s = time_s << 8 | static_cast<unsigned char>(c);
  challenge.expires_at_s = static_cast<std::int64_t>(time_s);
  std::copy_n(bytes->begin() + kSigned_bytes, challenge.proof.size(), challenge.proof.begin());
  return challenge;
}

bool LoginChallenges::is_good(const LoginChallenge& challenge, std::string_view password_hash,
                              std::int64_t now_s) const {
  const std::string text = signed_part(challenge.user, challenge.expires_at_s);
  const bool ours = std::ranges::any_of(secrets_, [&](const Hash256& secret) {
    const Hash256 mac = proof(secret, text, password_hash);
    return CRYPTO_memcmp(mac.data(), challenge.proof.data(), mac.size()) == 0;
  });
  return ours && now_s < challenge.expires_at_s;
}

}  // namespace instapay::auth
