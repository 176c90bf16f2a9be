#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "auth/key_store.h"
#include "auth/revocations.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kSecond = 1'000'000;  // µs
constexpr std::int64_t kStart = 5'000 * kSecond;

using Verdict = Revocations::Verdict;

Claims claims_of(std::uint8_t user, std::uint8_t session, Role role = Role::user) {
  return {.subject = Uuid::reserved(user), .session_id = Uuid::reserved(session), .role = role};
}
Revocation ended(std::uint8_t session) { return {Uuid::reserved(session), std::nullopt}; }
Revocation now_has(std::uint8_t user, Role role, std::int64_t factors_version = 0) {
  return {Uuid::reserved(user), role, factors_version};
}

void add(Revocations& revocations, std::initializer_list<Revocation> some, std::int64_t now_us) {
  revocations.add(std::span(some.begin(), some.size()), now_us);
}

TEST(Revocations, KnowSessionsThatEnded) {
  Revocations revocations(900 * kSecond);
  EXPECT_EQ(revocations.check(claims_of(100, 1)), Verdict::good);
  add(revocations, {ended(1), ended(2)}, kStart);
  EXPECT_EQ(revocations.check(claims_of(100, 1)), Verdict::session_ended);
  EXPECT_EQ(revocations.check(claims_of(100, 2)), Verdict::session_ended);
  EXPECT_EQ(revocations.check(claims_of(100, 3)), Verdict::good);
}

TEST(Revocations, RefuseTokensWithAnotherRole) {
  Revocations revocations(900 * kSecond);
  add(revocations, {now_has(100, Role::operator_)}, kStart);
  EXPECT_EQ(revocations.check(claims_of(100, 1, Role::user)), Verdict::user_changed);
  EXPECT_EQ(revocations.check(claims_of(100, 1, Role::operator_)), Verdict::good);
  EXPECT_EQ(revocations.check(claims_of(101, 1, Role::user)), Verdict::good);
  add(revocations, {now_has(100, Role::user)}, kStart + kSecond);
  EXPECT_EQ(revocations.check(claims_of(100, 1, Role::user)), Verdict::good);
  EXPECT_EQ(revocations.check(claims_of(100, 1, Role::operator_)), Verdict::user_changed);
}

TEST(Revocations, RefuseTokensThatDoNotKnowTheFactorsOfNow) {
  Revocations revocations(900 * kSecond);
  Claims claims = claims_of(100, 1);
  claims.factors.version = 2;
  add(revocations, {now_has(100, Role::user, 3)}, kStart);
  EXPECT_EQ(revocations.check(claims), Verdict::user_changed);
  claims.factors.version = 3;
  EXPECT_EQ(revocations.check(claims), Verdict::good);
  claims.factors.version = 4;
  EXPECT_EQ(revocations.check(claims), Verdict::good) << "the token is of later than the poll";
  add(revocations, {now_has(100, Role::user, 5)}, kStart + kSecond);
  EXPECT_EQ(revocations.check(claims), Verdict::user_changed);
}

TEST(Revocations, ForgetWhenNoTokenCanBeGood) {
  Revocations revocations(900 * kSecond);
  add(revocations, {ended(1)}, kStart);
  add(revocations, {ended(1), ended(2)}, kStart + 600 * kSecond);
  add(revocations, {}, kStart + 900 * kSecond);
  EXPECT_EQ(revocations.check(claims_of(100, 1)), Verdict::session_ended);
  add(revocations, {}, kStart + 901 * kSecond);
  EXPECT_EQ(revocations.check(claims_of(100, 1)), Verdict::good);
  EXPECT_EQ(revocations.check(claims_of(100, 2)), Verdict::session_ended);
  EXPECT_EQ(revocations.size(), 1U);
}

TEST(Revocations, ARoleThatChangedAgainIsKeptFromThen) {
  Revocations revocations(900 * kSecond);
  add(revocations, {now_has(100, Role::operator_)}, kStart);
  add(revocations, {now_has(100, Role::user)}, kStart + 600 * kSecond);
  add(revocations, {}, kStart + 1'000 * kSecond);
  EXPECT_EQ(revocations.check(claims_of(100, 1, Role::operator_)), Verdict::user_changed);
  add(revocations, {}, kStart + 1'501 * kSecond);
  EXPECT_EQ(revocations.size(), 0U);
}

TEST(Revocations, AreBoundedAndTheOldestGoFirst) {
  Revocations revocations(900 * kSecond, 3);
  for (std::uint8_t i = 1; i <= 5; ++i) add(revocations, {ended(i)}, kStart + i);
  EXPECT_EQ(revocations.size(), 3U);
  EXPECT_EQ(revocations.check(claims_of(100, 2)), Verdict::good);
  EXPECT_EQ(revocations.check(claims_of(100, 3)), Verdict::session_ended);
}

TEST(Revocations, ReadersAndAWriter) {
  Revocations revocations(kSecond);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) (void)revocations.check(claims_of(7, 8));
    });
  }
  for (int i = 0; i < 2'000; ++i) {
    add(revocations, {ended(static_cast<std::uint8_t>(i))}, kStart + i * kSecond / 100);
  }
}

KeySet some_keys() {
  return SigningKeys::from_pem(SigningKeys::generate_pem(Algorithm::es256), kTokenKeys)
      .value()
      .public_keys();
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
  KeyStore store(some_keys());
  EXPECT_TRUE(store.begin_fetch(kStart));
  EXPECT_FALSE(store.begin_fetch(kStart + kJwksFetchGapMin_us));
  store.want_newer();
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
