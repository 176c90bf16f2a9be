#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "auth/key_store.h"
#include "auth/revoked_sessions.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kSecond = 1'000'000;  // µs
constexpr std::int64_t kStart = 5'000 * kSecond;

void add(RevokedSessions& revoked, std::initializer_list<Uuid> ids, std::int64_t now_us) {
  revoked.add(std::span(ids.begin(), ids.size()), now_us);
}

TEST(RevokedSessions, KnowsWhatEnded) {
  RevokedSessions revoked(900 * kSecond);
  EXPECT_FALSE(revoked.contains(Uuid::reserved(1)));
  add(revoked, {Uuid::reserved(1), Uuid::reserved(2)}, kStart);
  EXPECT_TRUE(revoked.contains(Uuid::reserved(1)));
  EXPECT_TRUE(revoked.contains(Uuid::reserved(2)));
  EXPECT_FALSE(revoked.contains(Uuid::reserved(3)));
}

TEST(RevokedSessions, ForgetsWhenNoTokenCanBeGood) {
  RevokedSessions revoked(900 * kSecond);
  add(revoked, {Uuid::reserved(1)}, kStart);
  add(revoked, {Uuid::reserved(1), Uuid::reserved(2)}, kStart + 600 * kSecond);
  add(revoked, {}, kStart + 900 * kSecond);
  EXPECT_TRUE(revoked.contains(Uuid::reserved(1)));
  add(revoked, {}, kStart + 901 * kSecond);
  EXPECT_FALSE(revoked.contains(Uuid::reserved(1)));
  EXPECT_TRUE(revoked.contains(Uuid::reserved(2)));
  EXPECT_EQ(revoked.size(), 1U);
}

TEST(RevokedSessions, IsBoundedAndForgetsTheOldestFirst) {
  RevokedSessions revoked(900 * kSecond, 3);
  for (std::uint8_t i = 1; i <= 5; ++i) add(revoked, {Uuid::reserved(i)}, kStart + i);
  EXPECT_EQ(revoked.size(), 3U);
  EXPECT_FALSE(revoked.contains(Uuid::reserved(2)));
  EXPECT_TRUE(revoked.contains(Uuid::reserved(3)));
}

TEST(RevokedSessions, ReadersAndAWriter) {
  RevokedSessions revoked(kSecond);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) (void)revoked.contains(Uuid::reserved(7));
    });
  }
  for (int i = 0; i < 2'000; ++i) {
    add(revoked, {Uuid::reserved(static_cast<std::uint8_t>(i))}, kStart + i * kSecond / 100);
  }
}

KeySet some_keys() {
  return SigningKeys::from_pem(SigningKeys::generate_pem()).value().public_keys();
}

TEST(KeyStore, CountsChangesOnly) {
  KeyStore store;
  EXPECT_EQ(store.keys()->size(), 0U);
  const KeySet first = some_keys();
  store.replace(first);
  const auto generation = store.generation();
  store.replace(first);
  EXPECT_EQ(store.generation(), generation);
  store.replace(some_keys());
  EXPECT_GT(store.generation(), generation);
}

TEST(KeyStore, FetchesOftenUntilThereAreKeys) {
  KeyStore store;
  EXPECT_TRUE(store.begin_fetch(kStart));
  EXPECT_FALSE(store.begin_fetch(kStart)) << "one caller gets it";
  EXPECT_FALSE(store.begin_fetch(kStart + kJwksRetry_us - 1));
  EXPECT_TRUE(store.begin_fetch(kStart + kJwksRetry_us));
}

TEST(KeyStore, FetchesSoonForAnUnknownKidAndNotTooOften) {
  const auto keys = SigningKeys::from_pem(SigningKeys::generate_pem()).value();
  KeyStore store(keys.public_keys());
  EXPECT_TRUE(store.begin_fetch(kStart));
  store.note_unknown_kid(keys.kid());
  store.note_unknown_kid("");
  EXPECT_FALSE(store.begin_fetch(kStart + kJwksFetchGapMin_us));
  store.note_unknown_kid("new");
  EXPECT_FALSE(store.begin_fetch(kStart + kJwksFetchGapMin_us - 1));
  EXPECT_TRUE(store.begin_fetch(kStart + kJwksFetchGapMin_us));
  EXPECT_FALSE(store.begin_fetch(kStart + kJwksFetchGapMin_us + 1));
}

TEST(KeyStore, FetchesNowAndThenAnyway) {
  KeyStore store(some_keys());
  EXPECT_TRUE(store.begin_fetch(kStart));
  EXPECT_FALSE(store.begin_fetch(kStart + kJwksRefresh_us - 1));
  EXPECT_TRUE(store.begin_fetch(kStart + kJwksRefresh_us));
}

}  // namespace
}  // namespace instapay::auth
