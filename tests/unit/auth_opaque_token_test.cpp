#include <gtest/gtest.h>

#include <set>

#include "auth/base64url.h"
#include "auth/opaque_token.h"

namespace instapay::auth {
namespace {

TEST(OpaqueToken, HashesBackToWhatIsStored) {
  const OpaqueToken token = make_opaque_token();
  EXPECT_EQ(token.text.size(), 43U);
  EXPECT_EQ(hash_opaque_token(token.text), token.hash);
}

TEST(OpaqueToken, HashIsSha256OfTheBytes) {
  // FIPS 180: SHA-256 of 32 zero bytes.
  const TokenHash zeros = {0x66, 0x68, 0x7a, 0xad, 0xf8, 0x62, 0xbd, 0x77, 0x6c, 0x8f, 0xc1,
                           0x8b, 0x8e, 0x9f, 0x8e, 0x20, 0x08, 0x97, 0x14, 0x85, 0x6e, 0xe2,
                           0x33, 0xb3, 0x90, 0x2a, 0x59, 0x1d, 0x0d, 0x5f, 0x29, 0x25};
  EXPECT_EQ(hash_opaque_token(base64url_encode(std::string(32, '\0'))), zeros);
}

TEST(OpaqueToken, ASealedSuccessorOpensWithTheOldTokenOnly) {
  const OpaqueToken old_token = make_opaque_token();
  const OpaqueToken successor = make_opaque_token();
  const auto sealed = seal_successor(old_token.text, successor.text);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(unseal_successor(old_token.text, *sealed), successor.text);
  EXPECT_NE(unseal_successor(make_opaque_token().text, *sealed), successor.text);
  EXPECT_NE(unseal_successor(successor.text, *sealed), successor.text);
  EXPECT_EQ(unseal_successor("", *sealed), std::nullopt);
  EXPECT_EQ(seal_successor("", successor.text), std::nullopt);
  EXPECT_EQ(seal_successor(old_token.text, "short"), std::nullopt);
  // What the database holds of both tokens does not open it.
  EXPECT_NE(*sealed, old_token.hash);
  auto with_stored_hash = *sealed;
  for (std::size_t i = 0; i < with_stored_hash.size(); ++i) {
    with_stored_hash[i] ^= old_token.hash[i];
  }
  EXPECT_NE(hash_opaque_token(
                base64url_encode({reinterpret_cast<const char*>(with_stored_hash.data()), 32})),
            successor.hash);
}

TEST(OpaqueToken, AllDiffer) {
  std::set<std::string> texts;
  for (int i = 0; i < 1'000; ++i) texts.insert(make_opaque_token().text);
  EXPECT_EQ(texts.size(), 1'000U);
}

TEST(OpaqueToken, RefusesWhatCannotBeOurs) {
  const std::string good = make_opaque_token().text;
  for (const std::string& text : {std::string(), good.substr(1), good + "A", good + "=",
                                  "+" + good.substr(1), " " + good.substr(1)}) {
    EXPECT_EQ(hash_opaque_token(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace instapay::auth
