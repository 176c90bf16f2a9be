#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <cstring>

#include "auth/base64url.h"
#include "auth/openssl.h"
#include "auth/signing_key.h"
#include "auth_keys.h"

namespace instapay::auth {
namespace {

using namespace testing;  // NOLINT: the published key

constexpr std::string_view kRfcSigned =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";
constexpr std::string_view kRfcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

std::string private_pem(EVP_PKEY* key, const char* passphrase = nullptr) {
  const BioPtr output(BIO_new(BIO_s_mem()));
  const std::size_t size = passphrase == nullptr ? 0 : std::strlen(passphrase);
  PEM_write_bio_PKCS8PrivateKey(output.get(), key, size == 0 ? nullptr : EVP_aes_128_cbc(),
                                passphrase, static_cast<int>(size), nullptr, nullptr);
  char* data = nullptr;
  const long length = BIO_get_mem_data(output.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

TEST(SigningKey, VerifiesRfc7515ExampleA3) {
  const auto keys = KeySet::parse(jwks(rfc_jwk(R"(,"kid":"a3")")));
  ASSERT_TRUE(keys) << keys.error();
  const std::string signature = base64url_decode(kRfcSignature).value();
  EXPECT_TRUE(keys->verify("a3", kRfcSigned, signature));
  EXPECT_FALSE(keys->verify("other", kRfcSigned, signature));
  EXPECT_FALSE(keys->verify("a3", std::string(kRfcSigned) + "x", signature));
  for (std::size_t i = 0; i < signature.size(); i += 7) {
    std::string changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(keys->verify("a3", kRfcSigned, changed)) << i;
  }
}

TEST(SigningKey, RefusesSignaturesOfTheWrongShape) {
  const auto keys = KeySet::parse(jwks(rfc_jwk(R"(,"kid":"a3")")));
  ASSERT_TRUE(keys);
  const std::string signature = base64url_decode(kRfcSignature).value();
  EXPECT_FALSE(keys->verify("a3", kRfcSigned, ""));
  EXPECT_FALSE(keys->verify("a3", kRfcSigned, signature.substr(1)));
  EXPECT_FALSE(keys->verify("a3", kRfcSigned, signature + '\0'));
  EXPECT_FALSE(keys->verify("a3", kRfcSigned, std::string(64, '\0')));    // CVE-2022-21449
  EXPECT_FALSE(keys->verify("a3", kRfcSigned, std::string(64, '\xff')));  // above the order
}

TEST(SigningKey, ThumbprintOfTheRfcKey) {
  EXPECT_EQ(jwk_thumbprint(kRfcX, kRfcY), kRfcThumbprint);
  const auto keys = KeySet::parse(jwks(rfc_jwk()));
  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->contains(kRfcThumbprint));
}

TEST(SigningKey, ReadsBothPemForms) {
  for (const auto& text : {rfc_key_sec1(), rfc_key_pkcs8(), ec_parameters() + rfc_key_sec1(),
                           "# made by hand\n" + rfc_key_pkcs8() + "\n\n"}) {
    const auto keys = SigningKeys::from_pem(text);
    ASSERT_TRUE(keys) << keys.error() << text;
    EXPECT_EQ(keys->kid(), kRfcThumbprint);
    EXPECT_EQ(keys->public_keys().size(), 1U);
  }
}

TEST(SigningKey, SignsWhatTheWrittenJwksVerifies) {
  const auto keys = SigningKeys::from_pem(SigningKeys::generate_pem());
  ASSERT_TRUE(keys) << keys.error();
  const auto published = KeySet::parse(keys->public_keys().to_jwks());
  ASSERT_TRUE(published) << published.error();
  EXPECT_EQ(*published, keys->public_keys());
  for (int i = 0; i < 300; ++i) {  // numbers with leading zeros come up too
    const std::string message = "message " + std::to_string(i);
    const std::string signature = keys->sign(message);
    ASSERT_EQ(signature.size(), kEs256Signature_bytes);
    EXPECT_TRUE(published->verify(keys->kid(), message, signature));
    EXPECT_FALSE(published->verify(keys->kid(), message + "!", signature));
  }
}

TEST(SigningKey, FirstSignsAllVerify) {
  const std::string older = SigningKeys::generate_pem();
  const auto before = SigningKeys::from_pem(older).value();
  const auto rotated = SigningKeys::from_pem(SigningKeys::generate_pem() + older);
  ASSERT_TRUE(rotated) << rotated.error();
  EXPECT_NE(rotated->kid(), before.kid());
  EXPECT_EQ(rotated->public_keys().size(), 2U);
  EXPECT_TRUE(rotated->public_keys().verify(before.kid(), "m", before.sign("m")));
  EXPECT_TRUE(rotated->public_keys().verify(rotated->kid(), "m", rotated->sign("m")));
  EXPECT_FALSE(rotated->public_keys().verify(rotated->kid(), "m", before.sign("m")));
}

TEST(SigningKey, RefusesUnusablePem) {
  const PkeyPtr rsa(EVP_RSA_gen(2048));
  const PkeyPtr p384(EVP_EC_gen("P-384"));
  const PkeyPtr p256(EVP_EC_gen("P-256"));
  const std::string good = SigningKeys::generate_pem();
  const std::pair<const char*, std::string> texts[] = {
      {"empty", ""},
      {"no PEM", "secret"},
      {"RSA", private_pem(rsa.get())},
      {"P-384", private_pem(p384.get())},
      {"encrypted", private_pem(p256.get(), "passphrase")},
      {"cut", good.substr(0, good.size() / 2)},
      {"parameters only", ec_parameters()},
      {"second is RSA", good + private_pem(rsa.get())},
      {"second is cut", good + good.substr(0, good.size() / 2)},
      {"second is damaged", good + pem("PRIVATE KEY", "AAAA") + SigningKeys::generate_pem()},
      {"twice", good + good},
  };
  for (const auto& [what, text] : texts) {
    const auto keys = SigningKeys::from_pem(text);
    EXPECT_FALSE(keys) << what;
    if (!keys) EXPECT_EQ(keys.error().find("BEGIN"), std::string::npos) << what;
  }
}

TEST(KeySet, SkipsKeysOfOtherKindsAndUnknownMembers) {
  const auto keys =
      KeySet::parse(R"({"issued":1,"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"oct2"},)" +
                    rfc_jwk(R"(,"use":"enc")") + "," + rfc_jwk(R"(,"alg":"ES384")") + "," +
                    rfc_jwk(R"(,"kid":"good","use":"sig","alg":"ES256","x5t":"?")") + "]}");
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_EQ(keys->size(), 1U);
  EXPECT_TRUE(keys->contains("good"));
}

TEST(KeySet, RefusesBadDocuments) {
  const std::string off_curve =
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
      R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4"})";
  std::string many = rfc_jwk();
  for (int i = 0; i < 16; ++i) many += "," + rfc_jwk();
  const std::pair<const char*, std::string> documents[] = {
      {"empty", ""},
      {"not JSON", "<html>"},
      {"not an object", "[]"},
      {"no keys", "{}"},
      {"keys no array", R"({"keys":{}})"},
      {"no ES256 key", R"({"keys":[]})"},
      {"item no object", jwks("1")},
      {"off the curve", jwks(off_curve)},
      {"short coordinate", jwks(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})")},
      {"no coordinates", jwks(R"({"kty":"EC","crv":"P-256"})")},
      {"private", jwks(rfc_jwk(R"(,"d":"AA")"))},
      {"same kid", jwks(rfc_jwk(R"(,"kid":"a")") + "," + rfc_jwk(R"(,"kid":"a")"))},
      {"too many", jwks(many)},
      {"too large", R"({"keys":[],"pad":")" + std::string(kJwksMax_bytes, 'x') + "\"}"},
  };
  for (const auto& [what, text] : documents) EXPECT_FALSE(KeySet::parse(text)) << what;
}

}  // namespace
}  // namespace instapay::auth
