#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "auth/authenticator.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kNow_s = 1'800'000'000;

SigningKeys new_keys(Algorithm algorithm = Algorithm::es256) {
  return SigningKeys::from_pem(SigningKeys::generate_pem(algorithm), kTokenKeys).value();
}

struct Desk {
  SigningKeys signer = new_keys();
  KeyStore keys{signer.public_keys()};
  Revocations revocations{900'000'000};
  Authenticator authenticator{keys, revocations};

  Claims claims{.subject = Uuid::reserved(1),
                .session_id = Uuid::reserved(2),
                .token_id = Uuid::reserved(3),
                .issued_at_s = kNow_s,
                .expires_at_s = kNow_s + 900,
                .role = Role::user};
  std::string token = issue_access_token(claims, signer);

  Code code_of(std::string_view text, std::int64_t now_s = kNow_s) {
    const auto result = authenticator.authenticate(text, now_s);
    return result ? Code::kCount : result.error().code;
  }
};

TEST(Authenticator, AcceptsFreshAndCachedTokens) {
  Desk desk;
  for (int i = 0; i < 3; ++i) {
    const auto claims = desk.authenticator.authenticate(desk.token, kNow_s + i);
    ASSERT_TRUE(claims);
    EXPECT_EQ(*claims, desk.claims);
  }
}

TEST(Authenticator, AKnownTokenWithACharacterChangedIsUnknown) {
  Desk desk;
  EXPECT_EQ(desk.code_of(desk.token), Code::kCount);
  for (std::size_t i = 0; i < desk.token.size(); ++i) {
    std::string changed = desk.token;
    changed[i] = changed[i] == '.' ? '_' : '.';
    EXPECT_EQ(desk.code_of(changed), Code::token_invalid) << i;
  }
  for (const std::string& other : {desk.token + "A", desk.token.substr(1), " " + desk.token})
    EXPECT_EQ(desk.code_of(other), Code::token_invalid) << other;
  EXPECT_EQ(desk.code_of(desk.token), Code::kCount);
}

TEST(Authenticator, TellsInvalidFromExpired) {
  Desk desk;
  EXPECT_EQ(desk.code_of("nonsense"), Code::token_invalid);
  EXPECT_EQ(desk.code_of(desk.token, kNow_s + 900), Code::token_expired);
  EXPECT_EQ(desk.code_of(desk.token), Code::kCount);
  EXPECT_EQ(desk.code_of(desk.token, kNow_s + 900), Code::token_expired) << "cached or not";
}

TEST(Authenticator, RevocationReachesCachedTokens) {
  Desk desk;
  EXPECT_EQ(desk.code_of(desk.token), Code::kCount);
  const Revocation ended{desk.claims.session_id, std::nullopt};
  desk.revocations.add(std::span(&ended, 1), 1);
  EXPECT_EQ(desk.code_of(desk.token), Code::token_revoked);
}

TEST(Authenticator, AChangedRoleAsksForARefresh) {
  Desk desk;
  EXPECT_EQ(desk.code_of(desk.token), Code::kCount);
  const Revocation changed{desk.claims.subject, Role::auditor};
  desk.revocations.add(std::span(&changed, 1), 1);
  EXPECT_EQ(desk.code_of(desk.token), Code::token_expired);
}

TEST(Authenticator, AKeyThatIsWithdrawnTakesItsTokensAlong) {
  Desk desk;
  EXPECT_EQ(desk.code_of(desk.token), Code::kCount);
  const auto next = new_keys();
  desk.keys.replace(next.public_keys());
  EXPECT_EQ(desk.code_of(desk.token), Code::token_invalid);
  EXPECT_EQ(desk.code_of(issue_access_token(desk.claims, next)), Code::kCount);
}

TEST(Authenticator, KeysOfBothAlgorithmsSideBySide) {
  Desk desk;
  const std::string older = SigningKeys::generate_pem(Algorithm::es256),
                    newer = SigningKeys::generate_pem(Algorithm::rs256);
  const auto before = SigningKeys::from_pem(older, kTokenKeys).value();
  const auto after = SigningKeys::from_pem(newer + older, kTokenKeys).value();
  desk.keys.replace(after.public_keys());
  EXPECT_EQ(desk.code_of(issue_access_token(desk.claims, before)), Code::kCount);
  EXPECT_EQ(desk.code_of(issue_access_token(desk.claims, after)), Code::kCount);
}

TEST(Authenticator, AForgeryAsksForNoKeys) {
  Desk desk;
  EXPECT_TRUE(desk.keys.begin_fetch(1));
  EXPECT_EQ(desk.code_of("a.b.c"), Code::token_invalid);
  EXPECT_EQ(desk.code_of(desk.token.substr(0, desk.token.size() - 2) + "AA"), Code::token_invalid);
  EXPECT_FALSE(desk.keys.begin_fetch(1 + kJwksFetchGapMin_us));
}

TEST(Authenticator, AnUnknownKeyIsAskedFor) {
  Desk desk;
  EXPECT_TRUE(desk.keys.begin_fetch(1));
  EXPECT_FALSE(desk.keys.begin_fetch(1 + kJwksFetchGapMin_us));
  const auto next = new_keys();
  EXPECT_EQ(desk.code_of(issue_access_token(desk.claims, next)), Code::token_invalid);
  EXPECT_TRUE(desk.keys.begin_fetch(1 + kJwksFetchGapMin_us));
}

TEST(Authenticator, WithoutKeysNoTokenIsCalledInvalid) {
  Desk desk;
  desk.keys.replace(KeySet());
  EXPECT_EQ(desk.code_of(desk.token), Code::keys_unavailable);
  desk.keys.replace(desk.signer.public_keys());
  EXPECT_EQ(desk.code_of(desk.token), Code::kCount);
}

TEST(Authenticator, ThreadsWorkSideBySide) {
  Desk desk;
  const auto next = new_keys(Algorithm::rs256);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&desk] {
      for (int i = 0; i < 200; ++i) {
        (void)desk.authenticator.authenticate(desk.token, kNow_s);
      }
    });
  }
  desk.keys.replace(next.public_keys());
}

}  // namespace
}  // namespace instapay::auth
