#include <gtest/gtest.h>

#include <vector>

#include "auth/access_token.h"
#include "auth/base64url.h"
#include "auth/client_assertion.h"
#include "auth/client_secret.h"
#include "auth/jws.h"
#include "auth/openssl.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kNow_s = 1'800'000'000;
const std::string kClientText = "0193531a-6f3e-7cc1-8f1e-0242ac120002";
const Uuid kClient = Uuid::parse(kClientText).value();
const std::string kAudiences[] = {"https://pay.example", "https://pay.example/oauth/token"};

PublicKey key_of(std::string_view jwk) {
  auto key = read_client_key(parse_json(jwk).value());
  if (!key) throw std::runtime_error(key.error());
  return *std::move(key);
}

struct Signer {
  Algorithm algorithm;
  PkeyPtr pkey;
  std::optional<SigningKeys> keys;

  explicit Signer(Algorithm a) : algorithm(a) {
    if (a == Algorithm::eddsa) {
      pkey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    } else {
      keys = SigningKeys::from_pem(SigningKeys::generate_pem(a), kTokenKeys).value();
    }
  }
  PublicKey public_key() const {
    if (keys) return *keys->public_keys().find(keys->kid());
    EVP_PKEY_up_ref(pkey.get());
    return *PublicKey::of(PkeyPtr(pkey.get()), algorithm);
  }
  std::string sign(const std::string& header, const std::string& payload) const {
    const std::string text = base64url_encode(header) + "." + base64url_encode(payload);
    if (keys) return text + "." + base64url_encode(keys->sign(text));
    const MdCtxPtr context(EVP_MD_CTX_new());
    std::string signature(64, '\0');
    std::size_t size = signature.size();
    auto* bytes = reinterpret_cast<unsigned char*>(signature.data());
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), bytes, &size,
                             reinterpret_cast<const unsigned char*>(text.data()), text.size()),
              1);
    return text + "." + base64url_encode(signature);
  }
};

std::string header_of(Algorithm algorithm) {
  return R"({"alg":")" + std::string(name_of(algorithm)) + R"(","typ":"JWT"})";
}

std::string payload(std::string_view from = "", std::string_view to = "") {
  std::string text = R"({"iss":")" + kClientText + R"(","sub":")" + kClientText +
                     R"(","aud":"https://pay.example","exp":1800000060,"iat":1800000000,)" +
                     R"("jti":"one"})";
  if (from.empty()) return text;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

const Signer& signer() {
  static const Signer made(Algorithm::es256);
  return made;
}

std::string verdict(std::string_view assertion, std::int64_t now_s = kNow_s) {
  static const std::vector<PublicKey> keys{signer().public_key()};
  const auto checked = verify_client_assertion(assertion, kClient, keys, kAudiences, now_s);
  return checked ? "good" : std::string(checked.error());
}

std::string verdict_of(const std::string& text) {
  return verdict(signer().sign(header_of(Algorithm::es256), text));
}

TEST(ClientAssertion, EachAlgorithmByItsKey) {
  for (const Algorithm algorithm : {Algorithm::rs256, Algorithm::es256, Algorithm::eddsa}) {
    const Signer own(algorithm), other(algorithm);
    const std::vector<PublicKey> keys{other.public_key(), own.public_key()};
    const std::string assertion = own.sign(header_of(algorithm), payload());
    const auto checked = verify_client_assertion(assertion, kClient, keys, kAudiences, kNow_s);
    ASSERT_TRUE(checked) << name_of(algorithm) << ": " << checked.error();
    EXPECT_EQ(checked->key, 1U);
    EXPECT_EQ(checked->id, "one");
    EXPECT_EQ(checked->expires_at_s, kNow_s + 60);
    EXPECT_EQ(claimed_client(assertion), kClient);
    EXPECT_FALSE(
        verify_client_assertion(assertion, kClient, std::span(keys).first(1), kAudiences, kNow_s));
  }
}

TEST(ClientAssertion, IsForThisServerAlone) {
  EXPECT_EQ(verdict_of(payload()), "good");
  EXPECT_EQ(verdict_of(payload("pay.example", "pay.example/oauth/token")), "good");
  EXPECT_EQ(verdict_of(payload(R"("https://pay.example")", R"(["https://pay.example"])")), "good");
  for (const char* audience :
       {R"("https://other.example")", R"(["https://pay.example","https://other.example"])", "[]",
        "null", "1", R"("https://pay.example/")"})
    EXPECT_EQ(verdict_of(payload(R"("https://pay.example")", audience)),
              "it is for another audience")
        << audience;
  EXPECT_EQ(verdict_of(payload(R"("aud":"https://pay.example",)", "")),
            "it is for another audience");
}

TEST(ClientAssertion, IsOfTheClient) {
  const std::string other = "0193531a-6f3e-7cc1-8f1e-0242ac12ffff";
  EXPECT_EQ(verdict_of(payload(R"("iss":")" + kClientText, R"("iss":")" + other)),
            "iss and sub are not the client");
  EXPECT_EQ(verdict_of(payload(R"("sub":")" + kClientText, R"("sub":")" + other)),
            "iss and sub are not the client");
}

TEST(ClientAssertion, HasATimeAndANumber) {
  EXPECT_EQ(verdict_of(payload("1800000060", "1800000060.75")), "good");
  EXPECT_EQ(verdict_of(payload(R"("exp":1800000060,)", "")), "it has no exp");
  EXPECT_EQ(verdict_of(payload("1800000060", "\"1800000060\"")), "it has no exp");
  EXPECT_EQ(verdict_of(payload("1800000060", "1800000000")), "it has expired");
  EXPECT_EQ(verdict_of(payload("1800000060", "1800000331")), "it lives too long");
  EXPECT_EQ(verdict_of(payload("1800000060", "99999999999999999999")), "it has no exp");
  EXPECT_EQ(verdict_of(payload(R"("iat":1800000000)", R"("iat":1800000031)")),
            "it is not good yet");
  EXPECT_EQ(verdict_of(payload(R"("iat":1800000000)", R"("nbf":1800000031)")),
            "it is not good yet");
  EXPECT_EQ(verdict_of(payload(R"(,"jti":"one")", "")), "it has no jti of at most 128 bytes");
  EXPECT_EQ(verdict_of(payload("\"one\"", "\"" + std::string(129, 'x') + "\"")),
            "it has no jti of at most 128 bytes");
  EXPECT_EQ(verdict_of(payload("\"one\"", "1")), "it has no jti of at most 128 bytes");
}

TEST(ClientAssertion, NothingInItChoosesHowItIsChecked) {
  const std::string good = signer().sign(header_of(Algorithm::es256), payload());
  ASSERT_EQ(verdict(good), "good");
  EXPECT_EQ(verdict(good.substr(0, good.rfind('.') + 1)), "none of the account's keys signed it");
  for (const char* header :
       {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"HS256"})", R"({"typ":"JWT"})",
        R"({"alg":"ES256","typ":"at+jwt"})", R"({"alg":"ES256","crit":["exp"]})",
        R"({"alg":"RS256"})", R"({"alg":"EdDSA"})", R"({"alg":"ES384"})"})
    EXPECT_NE(verdict(signer().sign(header, payload())), "good") << header;
  for (const char* header :
       {R"({"alg":"ES256"})", R"({"alg":"ES256","typ":"client-authentication+jwt"})",
        R"({"alg":"ES256","kid":"whatever"})"})
    EXPECT_EQ(verdict(signer().sign(header, payload())), "good") << header;
  EXPECT_EQ(verdict_of("[]"), "its payload is not a JSON object");
  EXPECT_NE(verdict(std::string(kAssertionMax_bytes + 1, 'a')), "good");
  EXPECT_FALSE(claimed_client("a.b.c"));
  EXPECT_FALSE(claimed_client(""));
}

TEST(ClientAssertion, NeverAnAccessToken) {
  Claims claims{.subject = kClient, .issued_at_s = kNow_s, .expires_at_s = kNow_s + 60};
  claims.machine = Machine{kClient, kClient, {Scope::payments_read}};
  EXPECT_NE(verdict(issue_access_token(claims, *signer().keys)), "good");
}

// RFC 7515 appendix A.3, RFC 8037 appendix A: keys and signatures of others.
TEST(ClientKey, PublishedVectors) {
  const auto verifies = [](std::string_view jwk, std::string_view jws) {
    constexpr std::string_view kUntyped[] = {""};
    const auto parsed = parse_jws_of(jws, kUntyped, 4096);
    return parsed && key_of(jwk).verify(parsed->signed_text, parsed->signature);
  };
  const std::string ed25519 =
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
  const std::string signed_ed25519 =
      "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  EXPECT_TRUE(verifies(ed25519, signed_ed25519));
  EXPECT_EQ(key_of(ed25519).thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  std::string tampered = signed_ed25519;
  tampered[25] = 'Y';
  EXPECT_FALSE(verifies(ed25519, tampered));
  const std::string p256 =
      R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
      R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
  EXPECT_TRUE(verifies(
      p256,
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ."
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"));
}

TEST(ClientKey, OnlyTheSoundPublicHalfOfAKeyForSignatures) {
  const std::string good =
      R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
  const auto fault = [](const std::string& jwk) {
    const auto key = read_client_key(parse_json(jwk).value());
    return key ? std::string() : key.error();
  };
  EXPECT_EQ(fault(good + "}"), "");
  EXPECT_EQ(fault(good + R"(,"use":"sig","alg":"EdDSA","kid":"mine"})"), "");
  EXPECT_NE(fault(good + R"(,"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"})"), "");
  EXPECT_NE(fault(good + R"(,"use":"enc"})"), "");
  EXPECT_NE(fault(good + R"(,"alg":"ES256"})"), "");
  EXPECT_NE(fault(R"({"kty":"oct","k":"AAAA"})"), "");
  EXPECT_NE(
      fault(R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})"),
      "");
  EXPECT_NE(fault(R"({"kty":"OKP","crv":"Ed25519","x":"11qY"})"), "");
  EXPECT_NE(fault(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})"), "");
  EXPECT_NE(fault(R"({"kty":"RSA","e":"AQAB","n":"sXch"})"), "");
  EXPECT_NE(fault("[]"), "");
}

TEST(ClientSecret, IsKnownByItsPrefixAndItsHash) {
  const ClientSecret secret = make_client_secret();
  EXPECT_TRUE(secret.text.starts_with("instapay_sk_"));
  EXPECT_EQ(secret.text.size(), kClientSecretPrefix.size() + 43);
  EXPECT_EQ(hash_client_secret(secret.text), secret.hash);
  EXPECT_NE(make_client_secret().text, secret.text);
  EXPECT_FALSE(hash_client_secret(secret.text.substr(kClientSecretPrefix.size())));
  EXPECT_FALSE(hash_client_secret(secret.text + "A"));
  EXPECT_FALSE(hash_client_secret(""));
  const std::vector<std::uint8_t> kept(secret.hash.begin(), secret.hash.end());
  EXPECT_TRUE(equal_hashes(secret.hash, kept));
  EXPECT_FALSE(equal_hashes(secret.hash, std::span(kept).subspan(1)));
  EXPECT_FALSE(equal_hashes(make_client_secret().hash, kept));
}

}  // namespace
}  // namespace instapay::auth
