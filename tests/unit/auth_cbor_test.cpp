#include "auth/cbor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/cose_key.h"
#include "core/sha256.h"

namespace instapay::auth {
namespace {

std::vector<std::uint8_t> bytes(std::string_view hex) {
  std::vector<std::uint8_t> out(hex.size() / 2);
  EXPECT_TRUE(from_hex(hex, out)) << hex;
  return out;
}

// RFC 8949, appendix A.
TEST(Cbor, ReadsWholeNumbers) {
  const std::pair<std::string_view, std::int64_t> cases[] = {
      {"00", 0},
      {"17", 23},
      {"1818", 24},
      {"1903e8", 1000},
      {"1a000f4240", 1'000'000},
      {"1b000000e8d4a51000", 1'000'000'000'000},
      {"20", -1},
      {"3863", -100},
      {"3903e7", -1000},
      {"3b7fffffffffffffff", INT64_MIN},
  };
  for (const auto& [hex, value] : cases) {
    const auto data = bytes(hex);
    CborReader reader(data);
    EXPECT_EQ(reader.integer(), value) << hex;
    EXPECT_TRUE(reader.is_finished()) << hex;
  }
  for (const std::string_view beyond : {"1bffffffffffffffff", "3bffffffffffffffff"}) {
    const auto data = bytes(beyond);
    EXPECT_FALSE(CborReader(data).integer()) << beyond;
  }
}

TEST(Cbor, ReadsStringsAndMaps) {
  const auto data = bytes("a2616101416202");  // {"a": 1, h'62': 2}
  CborReader reader(data);
  EXPECT_EQ(reader.map(), 2U);
  EXPECT_EQ(reader.text(), "a");
  EXPECT_EQ(reader.integer(), 1);
  EXPECT_EQ(to_hex(reader.bytes().value()), "62");
  EXPECT_FALSE(reader.is_finished());
  EXPECT_EQ(reader.integer(), 2);
  EXPECT_TRUE(reader.is_finished());
  EXPECT_FALSE(reader.integer()) << "there is no more";
  EXPECT_TRUE(reader.failed());
}

TEST(Cbor, AnythingIsSkippedWithAllThatIsInIt) {
  for (const std::string_view hex :
       {"00", "40", "6161", "80", "8301820203820405", "a0", "a201020304", "c06101", "d81842ffff",
        "f4", "f6", "f7", "f93c00", "fa47c35000", "fb3ff199999999999a", "a1616182a0d81800"}) {
    const auto data = bytes(hex);
    CborReader reader(data);
    const auto item = reader.any();
    ASSERT_TRUE(item) << hex;
    EXPECT_EQ(item->size(), data.size()) << hex;
    EXPECT_TRUE(reader.is_finished()) << hex;
  }
}

TEST(Cbor, RefusesWhatAuthenticatorsDoNotWrite) {
  for (const std::string_view hex :
       {"", "18", "1900", "41", "5bffffffffffffffff", "5f4101ff", "7f6161ff", "9fff", "bfff", "ff",
        "82", "8201", "a101", "1c", "fc", "9bffffffffffffffff", "bb7fffffffffffffff", "9a00ffffff",
        "c0"}) {
    const auto data = bytes(hex);
    CborReader reader(data);
    EXPECT_FALSE(reader.any()) << hex;
    EXPECT_TRUE(reader.failed()) << hex;
    EXPECT_TRUE(reader.rest().empty()) << hex;
  }
}

TEST(Cbor, WhatIsNestedDeeplyCostsNoStack) {
  std::vector<std::uint8_t> data(1'000'000, 0x81);
  data.push_back(0);
  CborReader reader(data);
  EXPECT_TRUE(reader.any());
}

TEST(CoseKey, HasNothingButWhatItsAlgorithmNeeds) {
  // RFC 9052 §7: an Ed25519 key (of RFC 8032, test 1).
  const std::string x = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  const std::string good =
      "a401010327200621"
      "5820" +
      x;
  EXPECT_TRUE(CoseKey::parse(bytes(good)));
  const std::string cases[] = {
      good + "00",  // something after it
      "a501010327200621"
      "5820" +
          x + "2200",        // another member
      "a40101032720062105",  // no bytes
      "a401010327200421"
      "5820" +
          x,  // X25519
      "a401020327200621"
      "5820" +
          x,  // another type
      "a401010326200621"
      "5820" +
          x,  // another algorithm
      "a403270101200621"
      "5820" +
          x,  // not in its order
      "a401010327200620"
      "5820" +
          x,             // a label twice
      "a3010103272006",  // without a key
      "a401010327200621"
      "581f" +
          x.substr(2),  // too short
      "bf01010327200621"
      "5820" +
          x + "ff",  // of no length
      std::string(2 * (kCoseKeyMax_bytes + 1), '0'),
  };
  for (const std::string& hex : cases) EXPECT_FALSE(CoseKey::parse(bytes(hex))) << hex;
}

// RFC 8032 §7.1, test 2.
TEST(CoseKey, VerifiesEd25519) {
  const auto key = CoseKey::parse(bytes(
      "a40101032720062158203d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  ASSERT_TRUE(key);
  const auto signature = bytes(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(key->verify(bytes("72"), signature));
  EXPECT_FALSE(key->verify(bytes("73"), signature));
  EXPECT_FALSE(key->verify(bytes("72"), std::span(signature).first(63)));
}

}  // namespace
}  // namespace instapay::auth
