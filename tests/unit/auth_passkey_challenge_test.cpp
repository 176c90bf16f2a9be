#include "auth/passkey_challenge.h"

#include <gtest/gtest.h>

namespace instapay::auth {
namespace {

constexpr std::int64_t kNow_s = 1'700'000'000;

Hash256 secret(std::uint8_t byte) {
  Hash256 value{};
  value.fill(byte);
  return value;
}

TEST(PasskeyChallenge, IsGoodForItsTime) {
  const PasskeyChallenges challenges({secret(1)});
  const auto purpose = ChallengePurpose::sign_in();
  const std::string challenge = challenges.issue(purpose, kNow_s);
  EXPECT_NE(challenge, challenges.issue(purpose, kNow_s));
  EXPECT_TRUE(challenges.is_good(challenge, purpose, kNow_s));
  EXPECT_TRUE(challenges.is_good(challenge, purpose, kNow_s + kPasskeyChallengeTtl_s - 1));
  EXPECT_FALSE(challenges.is_good(challenge, purpose, kNow_s + kPasskeyChallengeTtl_s));
}

TEST(PasskeyChallenge, IsForOnePurposeAlone) {
  const PasskeyChallenges challenges({secret(1)});
  const Uuid user = Uuid::random(), other = Uuid::random(), session = Uuid::random();
  const ChallengePurpose purposes[] = {
      ChallengePurpose::sign_in(),
      ChallengePurpose::second_step(user, "hash"),
      ChallengePurpose::second_step(user, "another hash"),
      ChallengePurpose::second_step(other, "hash"),
      ChallengePurpose::step_up(user, session),
      ChallengePurpose::step_up(user, other),
      ChallengePurpose::step_up(other, session),
      ChallengePurpose::registration(user, session),
      ChallengePurpose::registration(other, session),
  };
  for (const auto& made_for : purposes)
    for (const auto& used_for : purposes)
      EXPECT_EQ(challenges.is_good(challenges.issue(made_for, kNow_s), used_for, kNow_s),
                made_for.text == used_for.text);
}

TEST(PasskeyChallenge, CannotBeMadeOrChangedByOthers) {
  const PasskeyChallenges ours({secret(1)}), theirs({secret(2)});
  const auto purpose = ChallengePurpose::sign_in();
  const std::string challenge = ours.issue(purpose, kNow_s);
  EXPECT_FALSE(theirs.is_good(challenge, purpose, kNow_s));
  for (std::size_t i = 0; i < challenge.size(); ++i) {
    std::string changed = challenge;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(ours.is_good(changed, purpose, kNow_s)) << i;
  }
  for (std::size_t size = 0; size < challenge.size(); ++size)
    EXPECT_FALSE(ours.is_good(challenge.substr(0, size), purpose, kNow_s)) << size;
  EXPECT_FALSE(ours.is_good(challenge + "x", purpose, kNow_s));
}

TEST(PasskeyChallenge, KeysRotate) {
  const PasskeyChallenges before({secret(1)}), now({secret(2), secret(1)});
  const auto purpose = ChallengePurpose::sign_in();
  EXPECT_TRUE(now.is_good(before.issue(purpose, kNow_s), purpose, kNow_s));
  EXPECT_FALSE(before.is_good(now.issue(purpose, kNow_s), purpose, kNow_s));
}

}  // namespace
}  // namespace instapay::auth
