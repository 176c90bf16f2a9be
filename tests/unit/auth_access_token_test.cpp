#include <gtest/gtest.h>

#include "auth/access_token.h"
#include "auth/base64url.h"
#include "core/json.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kNow_s = 1'800'000'000;

const SigningKeys& keys() {
  static const SigningKeys made = SigningKeys::from_pem(SigningKeys::generate_pem()).value();
  return made;
}

Claims sample_claims() {
  return {.subject = Uuid::parse("0193531a-6f3e-7cc1-8f1e-0242ac120002").value(),
          .session_id = Uuid::parse("0193531a-6f3e-7cc1-8f1e-0242ac120003").value(),
          .token_id = Uuid::parse("0193531a-6f3e-7cc1-8f1e-0242ac120004").value(),
          .issued_at_s = kNow_s,
          .expires_at_s = kNow_s + 900,
          .role = Role::auditor};
}

std::string sign(const std::string& header, const std::string& payload) {
  const std::string text = base64url_encode(header) + "." + base64url_encode(payload);
  return text + "." + base64url_encode(keys().sign(text));
}

std::string good_header() {
  return R"({"alg":"ES256","typ":"at+jwt","kid":")" + keys().kid() + "\"}";
}

constexpr std::string_view kGoodPayload =
    R"({"iss":"instapay","aud":"instapay-api","sub":"0193531a-6f3e-7cc1-8f1e-0242ac120002",)"
    R"("sid":"0193531a-6f3e-7cc1-8f1e-0242ac120003","jti":"0193531a-6f3e-7cc1-8f1e-0242ac120004",)"
    R"("role":"auditor","iat":1800000000,"exp":1800000900})";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const std::size_t at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return out.replace(at, from.size(), to);
}

std::expected<Claims, TokenError> verify(std::string_view token, std::int64_t now_s = kNow_s) {
  return verify_access_token(token, keys().public_keys(), now_s);
}

TEST(AccessToken, RoundTrip) {
  for (const Role role : {Role::user, Role::operator_, Role::auditor}) {
    Claims claims = sample_claims();
    claims.role = role;
    const std::string token = issue_access_token(claims, keys());
    EXPECT_LT(token.size(), 600U);
    EXPECT_EQ(verify(token), claims);
    EXPECT_EQ(token_kid(token), keys().kid());
  }
}

TEST(AccessToken, HasTheHeaderOfRfc9068) {
  const std::string token = issue_access_token(sample_claims(), keys());
  const auto header = parse_json(base64url_decode(token.substr(0, token.find('.'))).value());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->find("alg")->text, "ES256");
  EXPECT_EQ(header->find("typ")->text, "at+jwt");
  EXPECT_EQ(header->find("kid")->text, keys().kid());
}

TEST(AccessToken, ExpiresToTheSecond) {
  const std::string token = issue_access_token(sample_claims(), keys());
  EXPECT_TRUE(verify(token, kNow_s + 899));
  EXPECT_EQ(verify(token, kNow_s + 900), std::unexpected(TokenError::expired));
}

TEST(AccessToken, AllowsAClockThatRunsBehind) {
  const std::string token = issue_access_token(sample_claims(), keys());
  EXPECT_TRUE(verify(token, kNow_s - kClockSkewMax_s));
  EXPECT_EQ(verify(token, kNow_s - kClockSkewMax_s - 1), std::unexpected(TokenError::invalid));
}

TEST(AccessToken, AcceptsEquivalentForms) {
  const std::string payload(kGoodPayload);
  EXPECT_TRUE(verify(sign(good_header(), payload)));
  EXPECT_TRUE(verify(sign(replaced(good_header(), "at+jwt", "application/at+jwt"), payload)));
  EXPECT_TRUE(verify(sign(replaced(good_header(), "at+jwt", "AT+JWT"), payload)));
  EXPECT_TRUE(verify(sign(good_header(), replaced(kGoodPayload, R"("aud":"instapay-api")",
                                                  R"("aud":["other","instapay-api"])"))));
  EXPECT_TRUE(
      verify(sign(good_header(), replaced(kGoodPayload, "{", R"({"extra":[1.5],"nbf":1,)"))));
}

TEST(AccessToken, RefusesBadHeaders) {
  const std::string none = R"({"alg":"none","typ":"at+jwt","kid":")" + keys().kid() + "\"}";
  const std::string headers[] = {
      none,
      replaced(good_header(), "ES256", "es256"),
      replaced(good_header(), "ES256", "HS256"),
      replaced(good_header(), "ES256", "ES384"),
      replaced(good_header(), R"("alg":"ES256",)", ""),
      replaced(good_header(), R"("alg":"ES256")", R"("alg":"none","alg":"ES256")"),
      replaced(good_header(), "at+jwt", "JWT"),
      replaced(good_header(), R"("typ":"at+jwt",)", ""),
      replaced(good_header(), keys().kid(), "unknown"),
      R"({"alg":"ES256","typ":"at+jwt"})",
      replaced(good_header(), "{", R"({"crit":["b64"],"b64":false,)"),
      replaced(good_header(), "{", R"({"crit":[],)"),
      replaced(good_header(), "{", "["),
      "\"ES256\"",
      "",
  };
  for (const auto& header : headers) {
    EXPECT_EQ(verify(sign(header, std::string(kGoodPayload))), std::unexpected(TokenError::invalid))
        << header;
  }
  const std::string unsigned_token =
      base64url_encode(none) + "." + base64url_encode(kGoodPayload) + ".";
  EXPECT_EQ(verify(unsigned_token), std::unexpected(TokenError::invalid));
}

TEST(AccessToken, RefusesBadClaims) {
  const std::pair<std::string_view, std::string_view> changes[] = {
      {R"("iss":"instapay")", R"("iss":"other")"},
      {R"("iss":"instapay",)", ""},
      {R"("aud":"instapay-api")", R"("aud":"instapay")"},
      {R"("aud":"instapay-api")", R"("aud":["a","b"])"},
      {R"("aud":"instapay-api")", R"("aud":[])"},
      {R"("aud":"instapay-api")", R"("aud":{"instapay-api":1})"},
      {R"("aud":"instapay-api",)", ""},
      {R"("sub":"0193531a-6f3e-7cc1-8f1e-0242ac120002")", R"("sub":"admin")"},
      {R"("sub":"0193531a-6f3e-7cc1-8f1e-0242ac120002")", R"("sub":1)"},
      {R"("sid":)", R"("sid2":)"},
      {R"("jti":)", R"("jti2":)"},
      {"auditor", "root"},
      {R"("role":"auditor",)", ""},
      {R"("iat":1800000000,)", ""},
      {R"("iat":1800000000)", R"("iat":"1800000000")"},
      {R"("iat":1800000000)", R"("iat":1800000100)"},
      {R"("exp":1800000900)", R"("exp":1800000900.5)"},
      {R"("exp":1800000900)", R"("exp":18e8)"},
      {R"("exp":1800000900)", R"("exp":-1)"},
      {R"("exp":1800000900)", R"("exp":99999999999999999999)"},
      {R"("exp":1800000900)", R"("exp":null)"},
      {R"(,"exp":1800000900)", ""},
      {R"("exp":1800000900)", R"("exp":1,"exp":1800000900)"},
      {"{", R"({"nbf":1800000100,)"},
      {"{", R"({"nbf":"soon",)"},
      {"}", ""},
  };
  for (const auto& [from, to] : changes) {
    const std::string payload = replaced(kGoodPayload, from, to);
    EXPECT_EQ(verify(sign(good_header(), payload)), std::unexpected(TokenError::invalid))
        << payload;
  }
}

TEST(AccessToken, RefusesTampering) {
  const std::string token = issue_access_token(sample_claims(), keys());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (i == token.size() - 1) changed[i] = '-';  // a last letter whose unused bits are set
    if (changed == token) continue;
    EXPECT_EQ(verify(changed), std::unexpected(TokenError::invalid)) << i;
  }
  for (const auto& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."),
        std::string("a.b.c"), token + ".", token + "=", " " + token,
        token.substr(0, token.rfind('.')), token.substr(0, token.rfind('.') + 1), token + token}) {
    EXPECT_EQ(verify(text), std::unexpected(TokenError::invalid)) << text;
  }
}

TEST(AccessToken, AnExpiredForgeryIsInvalidNotExpired) {
  std::string token = issue_access_token(sample_claims(), keys());
  token[token.size() - 10] = token[token.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(verify(token, kNow_s + 10'000), std::unexpected(TokenError::invalid));
}

TEST(AccessToken, RefusesAnotherIssuersKey) {
  const auto stranger = SigningKeys::from_pem(SigningKeys::generate_pem()).value();
  EXPECT_EQ(verify(issue_access_token(sample_claims(), stranger)),
            std::unexpected(TokenError::invalid));
}

TEST(AccessToken, RefusesLargeTokens) {
  const std::string pad(kTokenMax_bytes, 'x');
  const std::string token =
      sign(good_header(), replaced(kGoodPayload, "{", "{\"pad\":\"" + pad + "\","));
  EXPECT_EQ(verify(token), std::unexpected(TokenError::invalid));
  EXPECT_EQ(token_kid(token), "");
}

TEST(AccessToken, KidOfAnything) {
  EXPECT_EQ(token_kid(""), "");
  EXPECT_EQ(token_kid("a.b.c"), "");
  EXPECT_EQ(token_kid(sign(R"({"alg":"ES256","typ":"at+jwt","kid":7})", "{}")), "");
  EXPECT_EQ(token_kid(sign(R"({"alg":"ES256","typ":"at+jwt","kid":"next"})", "{}")), "next");
}

}  // namespace
}  // namespace instapay::auth
