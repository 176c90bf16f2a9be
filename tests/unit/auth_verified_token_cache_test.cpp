#include <gtest/gtest.h>

#include "auth/verified_token_cache.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kNow_s = 1'800'000'000;

Claims claims_until(std::int64_t expires_at_s, std::uint8_t id = 1) {
  return {.subject = Uuid::reserved(id), .expires_at_s = expires_at_s};
}

Hash256 token_of(int i) { return sha256(std::to_string(i)); }

TEST(VerifiedTokenCache, FindsWhatWasInserted) {
  VerifiedTokenCache cache;
  EXPECT_EQ(cache.find(token_of(1), kNow_s), nullptr);
  cache.insert(token_of(1), claims_until(kNow_s + 10, 7), kNow_s);
  const Claims* found = cache.find(token_of(1), kNow_s);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->subject, Uuid::reserved(7));
  EXPECT_EQ(cache.find(token_of(2), kNow_s), nullptr);
  EXPECT_EQ(cache.find(Hash256{}, kNow_s), nullptr) << "what an unused place holds";
}

TEST(VerifiedTokenCache, EndsWithTheToken) {
  VerifiedTokenCache cache;
  cache.insert(token_of(1), claims_until(kNow_s + 10), kNow_s);
  EXPECT_NE(cache.find(token_of(1), kNow_s + 9), nullptr);
  EXPECT_EQ(cache.find(token_of(1), kNow_s + 10), nullptr);
}

// A place is found by the first bytes of the digest; all of it is compared.
TEST(VerifiedTokenCache, ASharedBeginningNeverAuthenticates) {
  VerifiedTokenCache cache;
  const Hash256 genuine = token_of(1);
  cache.insert(genuine, claims_until(kNow_s + 10), kNow_s);
  for (std::size_t i = 8; i < genuine.size(); ++i) {
    Hash256 other = genuine;
    other[i] ^= 1;
    EXPECT_EQ(cache.find(other, kNow_s), nullptr) << i;
  }
  Hash256 another = genuine;
  another.back() ^= 1;
  cache.insert(another, claims_until(kNow_s + 10, 2), kNow_s);
  EXPECT_EQ(cache.find(genuine, kNow_s)->subject, Uuid::reserved(1));
  EXPECT_EQ(cache.find(another, kNow_s)->subject, Uuid::reserved(2));
}

TEST(VerifiedTokenCache, IsBounded) {
  VerifiedTokenCache cache(64);
  EXPECT_EQ(cache.entries_max(), 64U);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_NE(cache.insert(token_of(i), claims_until(kNow_s + i + 1), kNow_s), nullptr);
    ASSERT_NE(cache.find(token_of(i), kNow_s), nullptr);
  }
  EXPECT_LE(cache.size(), 64U);
}

TEST(VerifiedTokenCache, TheOneThatEndsFirstMakesRoom) {
  VerifiedTokenCache cache(8);  // one set
  for (int i = 0; i < 8; ++i) cache.insert(token_of(i), claims_until(kNow_s + 100 + i), kNow_s);
  cache.insert(token_of(9), claims_until(kNow_s + 900), kNow_s);
  EXPECT_EQ(cache.find(token_of(0), kNow_s), nullptr);
  for (const int kept : {1, 2, 3, 4, 5, 6, 7, 9})
    EXPECT_NE(cache.find(token_of(kept), kNow_s), nullptr);
}

TEST(VerifiedTokenCache, AnExpiredOneMakesRoomFirst) {
  VerifiedTokenCache cache(8);  // one set
  for (int i = 0; i < 8; ++i) cache.insert(token_of(i), claims_until(kNow_s + 100 + i), kNow_s);
  cache.insert(token_of(8), claims_until(kNow_s + 900), kNow_s + 101);
  cache.insert(token_of(9), claims_until(kNow_s + 900), kNow_s + 101);
  EXPECT_EQ(cache.size(), 8U);
  for (const int kept : {2, 3, 4, 5, 6, 7, 8, 9})
    EXPECT_NE(cache.find(token_of(kept), kNow_s), nullptr) << kept;
}

TEST(VerifiedTokenCache, InsertingAgainTakesNoSecondPlace) {
  VerifiedTokenCache cache(8);
  for (int i = 0; i < 10; ++i) cache.insert(token_of(1), claims_until(kNow_s + 10 + i), kNow_s);
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_NE(cache.find(token_of(1), kNow_s + 18), nullptr);
}

TEST(VerifiedTokenCache, ClearForgets) {
  VerifiedTokenCache cache;
  cache.insert(token_of(1), claims_until(kNow_s + 10), kNow_s);
  cache.clear();
  EXPECT_EQ(cache.find(token_of(1), kNow_s), nullptr);
  EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
}  // namespace instapay::auth
