#include "auth/passkey_challenge.h"

#include <initializer_list>

#include "auth/random.h"
#include "auth/signed_bytes.h"

namespace instapay::auth {
namespace {

ChallengePurpose purpose_of(char kind, std::initializer_list<const Uuid*> ids,
                            std::string_view more = {}) {
  ChallengePurpose purpose{std::string(1, kind)};
  for (const Uuid* id : ids) purpose.text.append(id->bytes.begin(), id->bytes.end());
  purpose.text.append(more);
  return purpose;
}

}  // namespace

ChallengePurpose ChallengePurpose::sign_in() { return purpose_of('i', {}); }

ChallengePurpose ChallengePurpose::second_step(const Uuid& user, std::string_view password_hash) {
  return purpose_of('2', {&user}, password_hash);
}

ChallengePurpose ChallengePurpose::step_up(const Uuid& user, const Uuid& session) {
  return purpose_of('u', {&user, &session});
}

ChallengePurpose ChallengePurpose::registration(const Uuid& user, const Uuid& session) {
  return purpose_of('r', {&user, &session});
}

std::string PasskeyChallenges::issue(const ChallengePurpose& purpose, std::int64_t now_s) const {
  return sign_bytes(random_bytes<kSignedHead_bytes>(), now_s + kPasskeyChallengeTtl_s, purpose.text,
                    secrets_);
}

bool PasskeyChallenges::is_good(std::string_view challenge, const ChallengePurpose& purpose,
                                std::int64_t now_s) const {
  return is_signed(challenge, purpose.text, secrets_) && now_s < signed_time_s(challenge);
}

}  // namespace instapay::auth
