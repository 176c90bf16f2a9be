#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

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

// RFC 7515 appendix A.2.
constexpr std::string_view kRfcRsaSigned =
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ";
constexpr std::string_view kRfcRsaSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5ju"
    "jGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07"
    "Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipU"
    "TI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

std::expected<SigningKeys, std::string> token_keys(std::string_view pem) {
  return SigningKeys::from_pem(pem, kTokenKeys);
}
std::expected<KeySet, std::string> token_jwks(std::string_view document) {
  return KeySet::parse(document, kTokenKeys);
}
std::string new_pem(Algorithm algorithm = Algorithm::es256) {
  return SigningKeys::generate_pem(algorithm);
}

bool verifies(const KeySet& keys, std::string_view kid, std::string_view message,
              std::string_view signature) {
  const PublicKey* key = keys.find(kid);
  return key != nullptr && key->verify(message, signature);
}

PkeyPtr make_rsa(const char* type, std::size_t bits, unsigned long exponent) {
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  const BignumPtr e(BN_new());
  EVP_PKEY* key = nullptr;
  EXPECT_EQ(EVP_PKEY_keygen_init(context.get()), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)), 1);
  EXPECT_EQ(BN_set_word(e.get(), exponent), 1);
  EXPECT_EQ(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()), 1);
  EXPECT_EQ(EVP_PKEY_generate(context.get(), &key), 1);
  return PkeyPtr(key);
}

// By another scheme than RS256, with a key that may only do RS256.
std::string foreign_signature(const std::string& pem, const char* digest, int padding,
                              std::string_view message) {
  const BioPtr input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const PkeyPtr key(PEM_read_bio_PrivateKey(input.get(), nullptr, nullptr, nullptr));
  const MdCtxPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  EXPECT_EQ(
      EVP_DigestSignInit_ex(context.get(), &options, digest, nullptr, nullptr, key.get(), nullptr),
      1);
  EXPECT_EQ(EVP_PKEY_CTX_set_rsa_padding(options, padding), 1);
  std::string signature(512, '\0');
  std::size_t size = signature.size();
  EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                           reinterpret_cast<const unsigned char*>(message.data()), message.size()),
            1);
  signature.resize(size);
  return signature;
}

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
  const auto keys = token_jwks(jwks(rfc_jwk(R"(,"kid":"a3")")));
  ASSERT_TRUE(keys) << keys.error();
  const std::string signature = base64url_decode(kRfcSignature).value();
  EXPECT_TRUE(verifies(*keys, "a3", kRfcSigned, signature));
  EXPECT_FALSE(verifies(*keys, "other", kRfcSigned, signature));
  EXPECT_FALSE(verifies(*keys, "a3", std::string(kRfcSigned) + "x", signature));
  for (std::size_t i = 0; i < signature.size(); i += 7) {
    std::string changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(verifies(*keys, "a3", kRfcSigned, changed)) << i;
  }
}

TEST(SigningKey, VerifiesRfc7515ExampleA2) {
  const auto keys = token_jwks(jwks(rfc_rsa_jwk(R"(,"kid":"a2")")));
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_EQ(keys->find("a2")->algorithm(), Algorithm::rs256);
  const std::string signature = base64url_decode(kRfcRsaSignature).value();
  EXPECT_TRUE(verifies(*keys, "a2", kRfcRsaSigned, signature));
  EXPECT_FALSE(verifies(*keys, "other", kRfcRsaSigned, signature));
  EXPECT_FALSE(verifies(*keys, "a2", std::string(kRfcRsaSigned) + "x", signature));
  for (std::size_t i = 0; i < signature.size(); i += 7) {
    std::string changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(verifies(*keys, "a2", kRfcRsaSigned, changed)) << i;
  }
  EXPECT_FALSE(verifies(*keys, "a2", kRfcRsaSigned, ""));
  EXPECT_FALSE(verifies(*keys, "a2", kRfcRsaSigned, signature.substr(1)));
  EXPECT_FALSE(verifies(*keys, "a2", kRfcRsaSigned, '\0' + signature)) << "one value, one text";
  EXPECT_FALSE(verifies(*keys, "a2", kRfcRsaSigned, std::string(256, '\0')));
  EXPECT_FALSE(verifies(*keys, "a2", kRfcRsaSigned, std::string(255, '\0') + '\1'));
  EXPECT_FALSE(verifies(*keys, "a2", kRfcRsaSigned, std::string(256, '\xff')));
}

TEST(SigningKey, AnRsaKeyHasNoOtherAlgorithmThanRs256) {
  const std::string pem = new_pem(Algorithm::rs256);
  const auto keys = token_keys(pem).value();
  const auto sign = [&](const char* digest, int padding) {
    return foreign_signature(pem, digest, padding, "m");
  };
  EXPECT_TRUE(verifies(keys.public_keys(), keys.kid(), "m", sign("SHA256", RSA_PKCS1_PADDING)));
  EXPECT_FALSE(
      verifies(keys.public_keys(), keys.kid(), "m", sign("SHA256", RSA_PKCS1_PSS_PADDING)));
  for (const char* digest : {"SHA1", "SHA384", "SHA512", "SHA3-256"}) {
    EXPECT_FALSE(verifies(keys.public_keys(), keys.kid(), "m", sign(digest, RSA_PKCS1_PADDING)))
        << digest;
  }
}

TEST(SigningKey, RefusesSignaturesOfTheWrongShape) {
  const auto keys = token_jwks(jwks(rfc_jwk(R"(,"kid":"a3")")));
  ASSERT_TRUE(keys);
  const std::string signature = base64url_decode(kRfcSignature).value();
  EXPECT_FALSE(verifies(*keys, "a3", kRfcSigned, ""));
  EXPECT_FALSE(verifies(*keys, "a3", kRfcSigned, signature.substr(1)));
  EXPECT_FALSE(verifies(*keys, "a3", kRfcSigned, signature + '\0'));
  EXPECT_FALSE(verifies(*keys, "a3", kRfcSigned, std::string(64, '\0')));    // CVE-2022-21449
  EXPECT_FALSE(verifies(*keys, "a3", kRfcSigned, std::string(64, '\xff')));  // above the order
}

TEST(SigningKey, ThumbprintsOfTheRfcKeys) {
  const auto keys = token_jwks(jwks(rfc_jwk()));
  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->contains(kRfcThumbprint));
  const auto rsa = token_jwks(jwks(rfc_rsa_jwk()));
  ASSERT_TRUE(rsa) << rsa.error();
  EXPECT_TRUE(rsa->contains(kRfcRsaThumbprint));
}

TEST(SigningKey, ReadsBothPemForms) {
  for (const auto& text : {rfc_key_sec1(), rfc_key_pkcs8(), ec_parameters() + rfc_key_sec1(),
                           "# made by hand\n" + rfc_key_pkcs8() + "\n\n"}) {
    const auto keys = token_keys(text);
    ASSERT_TRUE(keys) << keys.error() << text;
    EXPECT_EQ(keys->kid(), kRfcThumbprint);
    EXPECT_EQ(keys->public_keys().size(), 1U);
    EXPECT_EQ(keys->algorithm(), Algorithm::es256);
  }
}

TEST(SigningKey, ReadsBothPemFormsOfRsa) {
  const PkeyPtr key = make_rsa("RSA", 2048, kRsaExponent);
  const BioPtr output(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PrivateKey_traditional(output.get(), key.get(), nullptr, nullptr, 0,
                                                 nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(output.get(), &data);
  const std::string pkcs1(data, static_cast<std::size_t>(size));
  ASSERT_TRUE(pkcs1.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
  const auto keys = token_keys(private_pem(key.get()));
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_EQ(keys->algorithm(), Algorithm::rs256);
  const auto same = token_keys(pkcs1);
  ASSERT_TRUE(same) << same.error();
  EXPECT_EQ(same->kid(), keys->kid());
}

TEST(SigningKey, SignsWhatTheWrittenJwksVerifies) {
  for (const Algorithm algorithm : {Algorithm::rs256, Algorithm::es256}) {
    const auto keys = token_keys(new_pem(algorithm));
    ASSERT_TRUE(keys) << keys.error();
    EXPECT_EQ(keys->algorithm(), algorithm);
    const auto published = token_jwks(keys->public_keys().to_jwks());
    ASSERT_TRUE(published) << published.error();
    EXPECT_EQ(*published, keys->public_keys());
    const std::size_t bytes = algorithm == Algorithm::rs256 ? 256 : kEs256Signature_bytes;
    for (int i = 0; i < 300; ++i) {  // numbers with leading zeros come up too
      const std::string message = "message " + std::to_string(i);
      const std::string signature = keys->sign(message);
      ASSERT_EQ(signature.size(), bytes);
      EXPECT_TRUE(verifies(*published, keys->kid(), message, signature));
      EXPECT_FALSE(verifies(*published, keys->kid(), message + "!", signature));
    }
  }
}

TEST(SigningKey, ThreadsShareAKey) {
  for (const Algorithm algorithm : {Algorithm::rs256, Algorithm::es256}) {
    const auto keys = token_keys(new_pem(algorithm)).value();
    const std::string signature = keys.sign("m");
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 200; ++i) {
          const bool good = (i + t) % 2 == 0;
          if (verifies(keys.public_keys(), keys.kid(), good ? "m" : "n", signature) != good)
            ++wrong;
        }
      });
    }
    threads.clear();
    EXPECT_EQ(wrong, 0);
  }
}

TEST(SigningKey, FirstSignsAllVerify) {
  const std::string older = new_pem();
  const auto before = token_keys(older).value();
  const auto rotated = token_keys(new_pem() + older);
  ASSERT_TRUE(rotated) << rotated.error();
  EXPECT_NE(rotated->kid(), before.kid());
  EXPECT_EQ(rotated->public_keys().size(), 2U);
  EXPECT_TRUE(verifies(rotated->public_keys(), before.kid(), "m", before.sign("m")));
  EXPECT_TRUE(verifies(rotated->public_keys(), rotated->kid(), "m", rotated->sign("m")));
  EXPECT_FALSE(verifies(rotated->public_keys(), rotated->kid(), "m", before.sign("m")));
}

TEST(SigningKey, RotatesFromOneAlgorithmToTheOther) {
  const std::string older = new_pem(Algorithm::es256), newer = new_pem(Algorithm::rs256);
  const auto before = token_keys(older).value();
  const auto both = token_keys(newer + older);
  ASSERT_TRUE(both) << both.error();
  EXPECT_EQ(both->algorithm(), Algorithm::rs256);
  const auto published = token_jwks(both->public_keys().to_jwks());
  ASSERT_TRUE(published) << published.error();
  EXPECT_EQ(published->size(), 2U);
  EXPECT_TRUE(verifies(*published, before.kid(), "m", before.sign("m")));
  EXPECT_TRUE(verifies(*published, both->kid(), "m", both->sign("m")));
  EXPECT_TRUE(both->public_keys().shares_a_key(before.public_keys()));
}

TEST(SigningKey, ReceiptsHaveP256KeysOnly) {
  const std::string p256 = new_pem(Algorithm::es256), rsa = new_pem(Algorithm::rs256);
  EXPECT_TRUE(SigningKeys::from_pem(p256, kReceiptKeys));
  for (const std::string& pem : {rsa, p256 + rsa}) {
    const auto keys = SigningKeys::from_pem(pem, kReceiptKeys);
    ASSERT_FALSE(keys);
    EXPECT_NE(keys.error().find("P-256"), std::string::npos) << keys.error();
  }
  const auto mixed = KeySet::parse(jwks(rfc_rsa_jwk() + "," + rfc_jwk()), kReceiptKeys);
  ASSERT_TRUE(mixed) << mixed.error();
  EXPECT_EQ(mixed->size(), 1U);
  EXPECT_TRUE(mixed->contains(kRfcThumbprint));
  EXPECT_FALSE(KeySet::parse(jwks(rfc_rsa_jwk()), kReceiptKeys));
}

TEST(SigningKey, RefusesUnusablePem) {
  const PkeyPtr small_rsa = make_rsa("RSA", 2040, kRsaExponent);
  const PkeyPtr rsa_of_three = make_rsa("RSA", 2048, 3);
  const PkeyPtr rsa_pss = make_rsa("RSA-PSS", 2048, kRsaExponent);
  const PkeyPtr p384(EVP_EC_gen("P-384"));
  const PkeyPtr p256(EVP_EC_gen("P-256"));
  const std::string good = new_pem();
  const std::pair<const char*, std::string> texts[] = {
      {"empty", ""},
      {"no PEM", "secret"},
      {"RSA of 2040 bits", private_pem(small_rsa.get())},
      {"RSA with exponent 3", private_pem(rsa_of_three.get())},
      {"RSA-PSS", private_pem(rsa_pss.get())},
      {"P-384", private_pem(p384.get())},
      {"encrypted", private_pem(p256.get(), "passphrase")},
      {"cut", good.substr(0, good.size() / 2)},
      {"parameters only", ec_parameters()},
      {"second is P-384", good + private_pem(p384.get())},
      {"second is cut", good + good.substr(0, good.size() / 2)},
      {"second is damaged", good + pem("PRIVATE KEY", "AAAA") + new_pem()},
      {"twice", good + good},
  };
  for (const auto& [what, text] : texts) {
    const auto keys = token_keys(text);
    EXPECT_FALSE(keys) << what;
    if (!keys) EXPECT_EQ(keys.error().find("BEGIN"), std::string::npos) << what;
  }
}

TEST(KeySet, SkipsKeysOfOtherKindsAndUnknownMembers) {
  const auto keys =
      token_jwks(R"({"issued":1,"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"},{"kty":"oct2"},)" +
                 rfc_rsa_jwk(R"(,"use":"enc")") + "," + rfc_rsa_jwk(R"(,"alg":"PS256")") + "," +
                 rfc_rsa_jwk(R"(,"alg":"ES256")") + "," + rfc_jwk(R"(,"alg":"RS256")") + "," +
                 rfc_jwk(R"(,"use":"enc")") + "," + rfc_jwk(R"(,"alg":"ES384")") + "," +
                 rfc_jwk(R"(,"kid":"good","use":"sig","alg":"ES256","x5t":"?")") + "]}");
  ASSERT_TRUE(keys) << keys.error();
  EXPECT_EQ(keys->size(), 1U);
  EXPECT_TRUE(keys->contains("good"));
}

std::string odd_number(std::size_t bytes) { return base64url_encode(std::string(bytes, '\x77')); }

TEST(KeySet, RefusesBadDocuments) {
  const std::string off_curve =
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
      R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a4"})";
  const std::string modulus = base64url_decode(kRfcModulus).value();
  std::string even = modulus;
  even.back() &= '\xfe';
  std::string many = rfc_jwk();
  for (int i = 0; i < 16; ++i) many += "," + rfc_jwk();
  const std::pair<const char*, std::string> documents[] = {
      {"empty", ""},
      {"not JSON", "<html>"},
      {"not an object", "[]"},
      {"no keys", "{}"},
      {"keys no array", R"({"keys":{}})"},
      {"no key", R"({"keys":[]})"},
      {"no key for tokens", jwks(R"({"kty":"OKP","crv":"Ed25519","x":"AA"})")},
      {"RSA without modulus", jwks(R"({"kty":"RSA","e":"AQAB"})")},
      {"RSA of 1024 bits", jwks(rfc_rsa_jwk("", kRfcModulus.substr(0, 171)))},
      {"RSA of 2040 bits", jwks(rfc_rsa_jwk("", kRfcModulus.substr(0, 340)))},
      {"RSA of 4104 bits", jwks(rfc_rsa_jwk("", odd_number(513)))},
      {"RSA with zeros in front", jwks(rfc_rsa_jwk("", base64url_encode('\0' + modulus)))},
      {"RSA with an even modulus", jwks(rfc_rsa_jwk("", base64url_encode(even)))},
      {"RSA with exponent 3", jwks(rfc_rsa_jwk("", kRfcModulus, "Aw"))},
      {"RSA with exponent 1", jwks(rfc_rsa_jwk("", kRfcModulus, "AQ"))},
      {"RSA with a long exponent", jwks(rfc_rsa_jwk("", kRfcModulus, kRfcModulus))},
      {"RSA, private", jwks(rfc_rsa_jwk(R"(,"d":"AA")"))},
      {"item no object", jwks("1")},
      {"off the curve", jwks(off_curve)},
      {"short coordinate", jwks(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})")},
      {"no coordinates", jwks(R"({"kty":"EC","crv":"P-256"})")},
      {"private", jwks(rfc_jwk(R"(,"d":"AA")"))},
      {"same kid", jwks(rfc_jwk(R"(,"kid":"a")") + "," + rfc_jwk(R"(,"kid":"a")"))},
      {"too many", jwks(many)},
      {"too large", R"({"keys":[],"pad":")" + std::string(kJwksMax_bytes, 'x') + "\"}"},
  };
  for (const auto& [what, text] : documents) EXPECT_FALSE(token_jwks(text)) << what;
}

}  // namespace
}  // namespace instapay::auth
