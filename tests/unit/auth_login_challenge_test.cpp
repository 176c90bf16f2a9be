#include "auth/login_challenge.h"

#include <gtest/gtest.h>

#include "auth/base64url.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kNow_s = 1'700'000'000;

Hash256 secret(std::uint8_t byte) {
  Hash256 value{};
  value.fill(byte);
  return value;
}

TEST(LoginChallenge, IsGoodForItsTimeAndPassword) {
  const LoginChallenges challenges({secret(1)});
  const Uuid user = Uuid::random();
  const auto challenge = LoginChallenges::parse(challenges.issue(user, "hash", kNow_s));
  ASSERT_TRUE(challenge);
  EXPECT_EQ(challenge->user, user);
  EXPECT_TRUE(challenges.is_good(*challenge, "hash", kNow_s));
  EXPECT_TRUE(challenges.is_good(*challenge, "hash", kNow_s + kLoginChallengeTtl_s - 1));
  EXPECT_FALSE(challenges.is_good(*challenge, "hash", kNow_s + kLoginChallengeTtl_s));
  EXPECT_FALSE(challenges.is_good(*challenge, "another hash", kNow_s));
}

TEST(LoginChallenge, CannotBeMadeOrChangedByOthers) {
  const LoginChallenges ours({secret(1)}), theirs({secret(2)});
  const std::string text = ours.issue(Uuid::random(), "hash", kNow_s);
  EXPECT_FALSE(theirs.is_good(*LoginChallenges::parse(text), "hash", kNow_s));
  const std::string bytes = *base64url_decode(text);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto challenge = LoginChallenges::parse(base64url_encode(changed));
    ASSERT_TRUE(challenge);
    EXPECT_FALSE(ours.is_good(*challenge, "hash", kNow_s)) << i;
  }
}

TEST(LoginChallenge, SurvivesANewKeyAndEndsWithTheOldOne) {
  const LoginChallenges before({secret(1)}), after({secret(2), secret(1)}), later({secret(2)});
  const auto challenge = LoginChallenges::parse(before.issue(Uuid::random(), "hash", kNow_s));
  EXPECT_TRUE(after.is_good(*challenge, "hash", kNow_s));
  EXPECT_FALSE(later.is_good(*challenge, "hash", kNow_s));
}

TEST(LoginChallenge, WhatCannotBeOneIsNot) {
  const std::string text = LoginChallenges({secret(1)}).issue(Uuid::random(), "hash", kNow_s);
  for (const std::string& other :
       {std::string(), text.substr(1), text + "A", text + "=", std::string(text.size(), '!')})
    EXPECT_FALSE(LoginChallenges::parse(other)) << other;
}

}  // namespace
}  // namespace instapay::auth
