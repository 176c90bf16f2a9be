#include "auth/login_challenge.h"

#include <algorithm>

#include "auth/base64url.h"
#include "auth/signed_bytes.h"

namespace instapay::auth {

std::string LoginChallenges::issue(const Uuid& user, std::string_view password_hash,
                                   std::int64_t now_s) const {
  return base64url_encode(
      sign_bytes(user.bytes, now_s + kLoginChallengeTtl_s, password_hash, secrets_));
}

std::optional<LoginChallenge> LoginChallenges::parse(std::string_view text) {
  auto bytes = base64url_decode(text);
  if (!bytes || bytes->size() != kSigned_bytes) return std::nullopt;
  LoginChallenge challenge;
  std::copy_n(bytes->begin(), challenge.user.bytes.size(), challenge.user.bytes.begin());
  challenge.bytes = *std::move(bytes);
  return challenge;
}

bool LoginChallenges::is_good(const LoginChallenge& challenge, std::string_view password_hash,
                              std::int64_t now_s) const {
  return is_signed(challenge.bytes, password_hash, secrets_) &&
         now_s < signed_time_s(challenge.bytes);
}

}  // namespace instapay::auth
