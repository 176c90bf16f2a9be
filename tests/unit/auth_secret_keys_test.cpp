#include "auth/secret_keys.h"

#include <gtest/gtest.h>

#include <set>

#include "auth/base64url.h"

namespace instapay::auth {
namespace {

std::string from_hex_text(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

SecretKeys parsed(const std::string& text) { return SecretKeys::parse(text).value(); }

// Test case 16 of McGrew and Viega, "The Galois/Counter Mode of Operation".
TEST(SecretKeys, AreThoseOfAes256Gcm) {
  const std::string key =
      from_hex_text("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string plain = from_hex_text(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const std::string sealed = from_hex_text(
      "cafebabefacedbaddecaf888"
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b");
  const std::string owner = from_hex_text("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const SecretKeys keys = parsed(base64url_encode(key));
  EXPECT_EQ(keys.open({keys.current_id(), sealed}, owner), plain);
}

TEST(SecretKeys, OpenWhatTheySealed) {
  const SecretKeys keys = parsed(SecretKeys::generate());
  std::set<std::string> seen;
  for (const std::string_view plain : {"", "a", "twenty bytes of text", "twenty bytes of text"}) {
    const auto sealed = keys.seal(plain, "nour");
    EXPECT_EQ(sealed.bytes.size(), 12 + plain.size() + 16);
    EXPECT_EQ(keys.open(sealed, "nour"), plain);
    EXPECT_TRUE(seen.insert(sealed.bytes).second) << "a nonce of its own each time";
  }
}

TEST(SecretKeys, WhatWasChangedOrIsSomebodyElsesDoesNotOpen) {
  const SecretKeys keys = parsed(SecretKeys::generate());
  const auto sealed = keys.seal("a secret", "nour");
  EXPECT_EQ(keys.open(sealed, "amal"), std::nullopt);
  EXPECT_EQ(keys.open(sealed, ""), std::nullopt);
  for (std::size_t i = 0; i < sealed.bytes.size(); ++i) {
    auto changed = sealed;
    changed.bytes[i] = static_cast<char>(changed.bytes[i] ^ 1);
    EXPECT_EQ(keys.open(changed, "nour"), std::nullopt) << i;
  }
  for (std::size_t size = 0; size < sealed.bytes.size(); ++size)
    EXPECT_EQ(keys.open({sealed.key_id, sealed.bytes.substr(0, size)}, "nour"), std::nullopt);
}

TEST(SecretKeys, TheFirstSealsAndAllOpen) {
  const std::string old_text = SecretKeys::generate(), new_text = SecretKeys::generate();
  const SecretKeys before = parsed(old_text), after = parsed(new_text + "\n" + old_text + "\n");
  const SecretKeys without = parsed(new_text);
  const auto sealed = before.seal("a secret", "nour");
  EXPECT_EQ(sealed.key_id, before.current_id());
  EXPECT_NE(after.current_id(), before.current_id());
  EXPECT_EQ(after.open(sealed, "nour"), "a secret");
  EXPECT_EQ(without.open(sealed, "nour"), std::nullopt);
  EXPECT_EQ(without.open(after.seal("a secret", "nour"), "nour"), "a secret");
}

TEST(SecretKeys, SayWhatIsWrongWithoutShowingIt) {
  const std::string good = SecretKeys::generate();
  std::string many;
  for (std::size_t i = 0; i <= kSecretKeysMax; ++i) many += SecretKeys::generate() + ", ";
  for (const std::string& text :
       {std::string(), std::string(" \n,"), std::string("secret"), good + "A", good.substr(1),
        good + "=", good + " " + good, many, good + " not-a-key"}) {
    const auto keys = SecretKeys::parse(text);
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().find(good.substr(0, 8)), std::string::npos);
    EXPECT_EQ(keys.error().find("not-a-key"), std::string::npos);
  }
}

}  // namespace
}  // namespace instapay::auth
