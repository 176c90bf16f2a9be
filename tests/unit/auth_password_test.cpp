#include <gtest/gtest.h>

#include <string>

#include "auth/password.h"

namespace instapay::auth {
namespace {

using namespace std::string_literals;

// From the test suite of crypt_blowfish (Solar Designer, public domain).
TEST(Password, BcryptKnownAnswers) {
  const std::string long_password =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const std::pair<std::string, std::string> vectors[] = {
      {"U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
      {"U*U*", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"},
      {"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"},
      {"\xff\xff\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"},
      {long_password, "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"},
      {"", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"}};
  for (const auto& [password, hash] : vectors) {
    EXPECT_TRUE(verify_password(password, hash)) << hash;
    EXPECT_FALSE(verify_password(password + "x", hash)) << hash;
  }
}

TEST(Password, HashAndVerify) {
  const std::string hash = hash_password("correct horse", 4);
  EXPECT_EQ(hash.size(), 60U);
  EXPECT_TRUE(hash.starts_with("$2b$04$"));
  EXPECT_TRUE(verify_password("correct horse", hash));
  EXPECT_FALSE(verify_password("correct horsf", hash));
  EXPECT_FALSE(verify_password("", hash));
  EXPECT_NE(hash, hash_password("correct horse", 4)) << "salts differ";
}

TEST(Password, AllSeventyTwoBytesCount) {
  const std::string password(72, 'p');
  const std::string hash = hash_password(password, 4);
  EXPECT_TRUE(verify_password(password, hash));
  EXPECT_FALSE(verify_password(password.substr(1), hash));
  EXPECT_FALSE(verify_password(password + "p", hash)) << "never cut silently";
}

TEST(Password, Rules) {
  EXPECT_EQ(check_password("12345678"), std::nullopt);
  EXPECT_EQ(check_password(std::string(72, 'a')), std::nullopt);
  EXPECT_EQ(check_password("пароль"), std::nullopt) << "bytes, not letters";
  EXPECT_EQ(check_password("   spaces   "), std::nullopt);
  EXPECT_EQ(check_password("\xf0\x9f\x94\x91\xf0\x9f\x94\x91"), std::nullopt);
  EXPECT_EQ(check_password(""), PasswordProblem::too_short);
  EXPECT_EQ(check_password("1234567"), PasswordProblem::too_short);
  EXPECT_EQ(check_password(std::string(73, 'a')), PasswordProblem::too_long);
  EXPECT_EQ(check_password("1234\0abcd"s), PasswordProblem::invalid_format);
  for (const auto& bytes : {"\x80"s, "\xc0\xaf"s, "\xc3"s, "\xe0\x80\x80"s, "\xed\xa0\x80"s,
                            "\xf0\x80\x80\x80"s, "\xf4\x90\x80\x80"s, "\xff"s, "\xe2\x82"s}) {
    EXPECT_EQ(check_password("password" + bytes), PasswordProblem::invalid_format);
    EXPECT_EQ(check_password("password" + bytes + "tail"), PasswordProblem::invalid_format);
  }
}

TEST(Password, HashRefusesWhatTheRulesRefuse) {
  EXPECT_THROW(hash_password("short", 4), std::runtime_error);
  EXPECT_THROW(hash_password(std::string(73, 'a'), 4), std::runtime_error);
  EXPECT_THROW(hash_password("long enough", 3), std::runtime_error);
  EXPECT_THROW(hash_password("long enough", 17), std::runtime_error);
}

TEST(Password, VerifyRefusesForeignHashes) {
  for (const auto& hash :
       {""s, "password1"s, "*0"s, "$6$salt$hash"s, "$1$abcdefgh$"s, "$2b$04$short"s,
        "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"s,
        "$2b$aa$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"s,
        "$2b$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"s}) {
    EXPECT_FALSE(verify_password("password1", hash)) << hash;
  }
  EXPECT_FALSE(verify_password("U*U\0junk"s,
                               "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
}

TEST(Password, NeedsRehash) {
  const std::string hash = hash_password("long enough", 4);
  EXPECT_FALSE(needs_rehash(hash, 4));
  EXPECT_TRUE(needs_rehash(hash, 5));
  std::string older = hash;
  older[2] = 'a';
  EXPECT_TRUE(needs_rehash(older, 4));
  EXPECT_TRUE(needs_rehash("", 4));
}

TEST(Password, DummyHashCostsAsMuchAndMatchesNothing) {
  for (const int cost : {4, 5, 6}) {
    const std::string dummy = dummy_hash(cost);
    EXPECT_FALSE(needs_rehash(dummy, cost)) << "well-formed, of this cost";
    EXPECT_FALSE(verify_password("password", dummy));
    EXPECT_FALSE(verify_password("", dummy));
  }
  // The work is really done: libxcrypt accepts the setting and answers with the same salt.
  const auto time_of = [](const std::string& hash) {
    const auto start = std::chrono::steady_clock::now();
    (void)verify_password("some password", hash);
    return std::chrono::steady_clock::now() - start;
  };
  EXPECT_GT(time_of(dummy_hash(9)), 4 * time_of(dummy_hash(4)));
}

}  // namespace
}  // namespace instapay::auth
