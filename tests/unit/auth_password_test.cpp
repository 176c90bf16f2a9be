#include <gtest/gtest.h>

#include <chrono>
#include <vector>

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

std::optional<PasswordProblem> check(std::string_view password) {
  return check_password(password, {});
}

TEST(Password, Rules) {
  EXPECT_EQ(check("jAke5tQ!"), std::nullopt);
  EXPECT_EQ(check(""), PasswordProblem::too_short);
  EXPECT_EQ(check("jAke5tQ"), PasswordProblem::too_short);
  EXPECT_EQ(check("пароль"), PasswordProblem::too_short) << "characters, not bytes";
  EXPECT_EQ(check("\xf0\x9f\x94\x91\xf0\x9f\x94\x91"), PasswordProblem::too_short);
  EXPECT_EQ(check("кракозябра"), std::nullopt);
  const std::string longest =
      "Vq1hZ0mJwTn8yKx4RbLdOeN7sGf2uPcYiWzA5oXE3kDtQvHlMj6SuVq1hZ0mJwTn8yKx4RbL";
  ASSERT_EQ(longest.size(), kPasswordMax_bytes);
  EXPECT_EQ(check(longest), std::nullopt);
  EXPECT_EQ(check(longest + "x"), PasswordProblem::too_long);
  EXPECT_EQ(check("1234\0abcd"s), PasswordProblem::invalid_format);
  for (const auto& bytes : {"\x80"s, "\xc0\xaf"s, "\xc3"s, "\xe0\x80\x80"s, "\xed\xa0\x80"s,
                            "\xf0\x80\x80\x80"s, "\xf4\x90\x80\x80"s, "\xff"s, "\xe2\x82"s}) {
    EXPECT_EQ(check("password" + bytes), PasswordProblem::invalid_format);
    EXPECT_EQ(check("password" + bytes + "tail"), PasswordProblem::invalid_format);
    EXPECT_EQ(normalize_password("password" + bytes), std::nullopt);
  }
}

TEST(Password, WhatIsGuessedFirstIsRefused) {
  for (const std::string_view common :
       {"password", "Password1!", "P@ssw0rd", "12345678", "qwertyuiop", "iloveyou", "letmein1",
        "abcdefgh", "aaaaaaaa", "drowssap", "trustno1", "superman123", "        ",
        "passwordpasswordpasswordpasswordpasswordpasswordpasswordpasswordpassword"})
    EXPECT_EQ(check(common), PasswordProblem::too_common) << common;
  for (const std::string_view good :
       {"correct horse 7", "eight bytes", "long enough", "pw-0a1b2c3d4e5f6071",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa7Kp2mQz!x4R"})
    EXPECT_EQ(check(good), std::nullopt) << good;
}

TEST(Password, NobodysOwnNames) {
  const std::vector<std::string> own{"nour.hassan", "Nour.Hassan@Example.com", "Nour Hassan"};
  for (const std::string_view mine : {"nour.hassan", "NourHassan", "hassannour", "nour1234",
                                      "nour.hassan@example.com", "Hassan123"})
    EXPECT_EQ(check_password(mine, own), PasswordProblem::too_common) << mine;
  EXPECT_EQ(check_password("correct horse 7", own), std::nullopt);
}

TEST(Password, IsJudgedInTimeWhateverItIs) {
  const auto begun = std::chrono::steady_clock::now();
  for (const std::string& slow : {std::string(72, 'a'), std::string(72, '1'), std::string(72, ' ')})
    check(slow);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(500));
}

TEST(Password, OneWordIsOnePasswordHoweverItIsComposed) {
  // é and the three forms of an Arabic letter, half and full width.
  const std::string nfc = "caf\u00e9 cr\u00e8me 7", nfd = "cafe\u0301 cre\u0300me 7";
  EXPECT_EQ(normalize_password(nfd), nfc);
  EXPECT_EQ(normalize_password("\uff50\uff41ss word"), "pass word");
  EXPECT_EQ(normalize_password("\u00a0"), " ");
  EXPECT_EQ(normalize_password("correct horse"), "correct horse");
  const std::string hash = hash_password(nfc, 4);
  EXPECT_EQ(match_password(nfc, hash), PasswordMatch::normal);
  EXPECT_EQ(match_password(nfd, hash), PasswordMatch::normal);
  EXPECT_EQ(match_password("cafe creme 7", hash), PasswordMatch::none);
}

TEST(Password, HashesOfBeforeStillMatch) {
  const std::string nfd = "cafe\u0301 cre\u0300me 7";
  const std::string hash = hash_password(nfd, 4);  // as it was sent, then
  EXPECT_EQ(match_password(nfd, hash), PasswordMatch::as_given);
  EXPECT_EQ(match_password("caf\u00e9 cr\u00e8me 7", hash), PasswordMatch::none);
  EXPECT_EQ(match_password("correct horse", hash_password("correct horse", 4)),
            PasswordMatch::normal);
  // What becomes longer than bcrypt reads still matches as it was.
  std::string grows;
  for (int i = 0; i < 10; ++i) grows += "\ufdfa";
  ASSERT_GT(normalize_password(grows)->size(), kPasswordMax_bytes);
  EXPECT_EQ(match_password(grows, hash_password(grows, 4)), PasswordMatch::as_given);
  EXPECT_EQ(match_password("x\0y"s, hash), PasswordMatch::none);
  EXPECT_EQ(match_password("\xff", hash), PasswordMatch::none);
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
