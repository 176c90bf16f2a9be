#include <gtest/gtest.h>

#include "auth/access_token.h"
#include "auth/base64url.h"
#include "core/json.h"

namespace instapay::auth {
namespace {

constexpr std::int64_t kNow_s = 1'800'000'000;

SigningKeys new_keys(Algorithm algorithm) {
  return SigningKeys::from_pem(SigningKeys::generate_pem(algorithm), kTokenKeys).value();
}

const SigningKeys& keys() {
  static const SigningKeys made = new_keys(Algorithm::rs256);
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
  return R"({"alg":"RS256","typ":"at+jwt","kid":")" + keys().kid() + "\"}";
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
    EXPECT_LT(token.size(), 900U);
    EXPECT_EQ(verify(token), claims);
  }
}

TEST(AccessToken, OfAServiceAccountHasScopesAndNoRole) {
  Claims claims = sample_claims();
  claims.role = Role::user;
  claims.machine =
      Machine{claims.subject, Uuid::random(), {Scope::payments_read, Scope::payments_write}};
  EXPECT_EQ(verify(issue_access_token(claims, keys())), claims);
  claims.machine->wallet.reset();
  claims.machine->scopes = {Scope::reports_read};
  EXPECT_EQ(verify(issue_access_token(claims, keys())), claims);

  const std::string machine =
      replaced(kGoodPayload, R"("role":"auditor")",
               R"("client_id":"0193531a-6f3e-7cc1-8f1e-0242ac120002","scope":"payments:read")");
  ASSERT_TRUE(verify(sign(good_header(), machine)));
  const std::pair<std::string_view, std::string_view> kWrong[] = {
      {R"("scope":"payments:read")", R"("scope":"everything")"},
      {R"("scope":"payments:read")", R"("scope":"")"},
      {R"("scope":"payments:read")", R"("scope":["payments:read"])"},
      {R"(,"scope":"payments:read")", ""},
      {R"("client_id":"0193531a-6f3e-7cc1-8f1e-0242ac120002",)", ""},
      {R"("client_id":"0193531a-6f3e-7cc1-8f1e-0242ac120002")",
       R"("client_id":"0193531a-6f3e-7cc1-8f1e-0242ac120009")"},
      {R"("scope":"payments:read")", R"("scope":"payments:read","wallet":"mine")"},
      {R"("scope":"payments:read")", R"("scope":"payments:read","role":"operator")"},
  };
  for (const auto& [from, to] : kWrong)
    EXPECT_FALSE(verify(sign(good_header(), replaced(machine, from, to)))) << to;
}

TEST(AccessToken, SaysWhatServicesAskOfFactors) {
  Claims claims = sample_claims();
  claims.factors = {.version = 7,
                    .enrolled = true,
                    .proven_by = Factor::totp,
                    .proven_at_s = kNow_s - 60,
                    .step_up_above_minor = 50'000,
                    .step_up_new_payees = true};
  const std::string token = issue_access_token(claims, keys());
  EXPECT_LT(token.size(), 1100U);
  EXPECT_EQ(verify(token), claims);
  for (const Factor factor : kFactors) {
    claims.factors.proven_by = factor;
    EXPECT_EQ(verify(issue_access_token(claims, keys())), claims) << name_of(factor);
  }
  claims.factors.pin_proven_at_s = kNow_s - 30;
  claims.factors.pin_per_payment_minor = 15'000;
  EXPECT_EQ(verify(issue_access_token(claims, keys())), claims) << "a factor, and a PIN";
  claims.factors.proven_by.reset();
  claims.factors.proven_at_s = 0;
  const auto by_pin = verify(issue_access_token(claims, keys()));
  EXPECT_EQ(by_pin, claims);
  EXPECT_TRUE(by_pin->factors.needs_proof(kNow_s)) << "a PIN is no second factor";
  claims.factors = {.version = 8};
  EXPECT_EQ(verify(issue_access_token(claims, keys())), claims);
  EXPECT_EQ(verify(sign(good_header(), replaced(kGoodPayload, "{", R"({"auth_time":1,)")))->factors,
            FactorState())
      << "a time without a method that counts";
}

TEST(FactorState, AFactorCountsForFiveMinutes) {
  FactorState state;
  EXPECT_FALSE(state.needs_proof(kNow_s)) << "who has none is not asked";
  state.enrolled = true;
  EXPECT_TRUE(state.needs_proof(kNow_s));
  state.proven_by = Factor::totp;
  state.proven_at_s = kNow_s - kStepUpMaxAge_s;
  EXPECT_FALSE(state.needs_proof(kNow_s));
  EXPECT_TRUE(state.needs_proof(kNow_s + 1));
  EXPECT_EQ(require_step_up(state, kNow_s + 1).error().code, Code::step_up_required);
}

TEST(FactorState, SoDoesAPin) {
  FactorState state;
  EXPECT_FALSE(state.has_shown_pin(kNow_s));
  state.pin_proven_at_s = kNow_s - kStepUpMaxAge_s;
  EXPECT_TRUE(state.has_shown_pin(kNow_s));
  EXPECT_FALSE(state.has_shown_pin(kNow_s + 1));
}

TEST(AccessToken, HasTheHeaderOfRfc9068) {
  const std::string token = issue_access_token(sample_claims(), keys());
  const auto header = parse_json(base64url_decode(token.substr(0, token.find('.'))).value());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->find("alg")->text, "RS256");
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
      replaced(good_header(), "RS256", "rs256"),
      replaced(good_header(), "RS256", "HS256"),
      replaced(good_header(), "RS256", "PS256"),
      replaced(good_header(), "RS256", "RS512"),
      replaced(good_header(), "RS256", "ES256"),
      replaced(good_header(), R"("alg":"RS256",)", ""),
      replaced(good_header(), R"("alg":"RS256")", R"("alg":"none","alg":"RS256")"),
      replaced(good_header(), "at+jwt", "JWT"),
      replaced(good_header(), R"("typ":"at+jwt",)", ""),
      R"({"alg":"RS256","typ":"at+jwt"})",
      replaced(good_header(), keys().kid(), ""),
      replaced(good_header(), "{", R"({"crit":["b64"],"b64":false,)"),
      replaced(good_header(), "{", R"({"crit":[],)"),
      replaced(good_header(), "{", "["),
      "\"RS256\"",
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
    const auto claims = verify(changed);
    ASSERT_FALSE(claims) << i;
    EXPECT_NE(claims.error(), TokenError::expired) << i;  // a changed kid is of an unknown key
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
  const auto stranger = new_keys(Algorithm::rs256);
  EXPECT_EQ(verify(issue_access_token(sample_claims(), stranger)),
            std::unexpected(TokenError::unknown_key));
  const std::string text =
      base64url_encode(good_header()) + "." + base64url_encode(std::string(kGoodPayload));
  EXPECT_EQ(verify(text + "." + base64url_encode(stranger.sign(text))),
            std::unexpected(TokenError::invalid));
}

// What was signed by a key, under the name of every algorithm.
TEST(AccessToken, TheKeyChoosesTheAlgorithm) {
  for (const Algorithm own : {Algorithm::rs256, Algorithm::es256}) {
    const auto signer = new_keys(own);
    EXPECT_EQ(verify_access_token(issue_access_token(sample_claims(), signer), signer.public_keys(),
                                  kNow_s),
              sample_claims());
    for (const std::string_view name : {"RS256", "ES256", "PS256", "HS256", "none"}) {
      const std::string header =
          R"({"alg":")" + std::string(name) + R"(","typ":"at+jwt","kid":")" + signer.kid() + "\"}";
      const std::string text =
          base64url_encode(header) + "." + base64url_encode(std::string(kGoodPayload));
      const auto claims = verify_access_token(text + "." + base64url_encode(signer.sign(text)),
                                              signer.public_keys(), kNow_s);
      EXPECT_EQ(claims.has_value(), name == name_of(own)) << name;
      if (!claims) EXPECT_EQ(claims.error(), TokenError::invalid);
    }
  }
}

// The two keys of a rotation, each under the other's name.
TEST(AccessToken, AKeyAnswersForItselfOnly) {
  const std::string rsa = SigningKeys::generate_pem(Algorithm::rs256),
                    p256 = SigningKeys::generate_pem(Algorithm::es256);
  const auto by_rsa = SigningKeys::from_pem(rsa, kTokenKeys).value(),
             by_p256 = SigningKeys::from_pem(p256, kTokenKeys).value(),
             both = SigningKeys::from_pem(rsa + p256, kTokenKeys).value();
  for (const auto* signer : {&by_rsa, &by_p256}) {
    for (const auto* named : {&by_rsa, &by_p256}) {
      for (const Algorithm algorithm : {Algorithm::rs256, Algorithm::es256}) {
        const std::string header = R"({"alg":")" + std::string(name_of(algorithm)) +
                                   R"(","typ":"at+jwt","kid":")" + named->kid() + "\"}";
        const std::string text =
            base64url_encode(header) + "." + base64url_encode(std::string(kGoodPayload));
        const std::string token = text + "." + base64url_encode(signer->sign(text));
        EXPECT_EQ(verify_access_token(token, both.public_keys(), kNow_s).has_value(),
                  signer == named && algorithm == signer->algorithm());
      }
    }
  }
}

TEST(AccessToken, RefusesLargeTokens) {
  const std::string pad(kTokenMax_bytes, 'x');
  const std::string token =
      sign(good_header(), replaced(kGoodPayload, "{", "{\"pad\":\"" + pad + "\","));
  EXPECT_EQ(verify(token), std::unexpected(TokenError::invalid));
}

TEST(AccessToken, OnlyAReadableTokenAsksForItsKey) {
  const std::string payload(kGoodPayload);
  EXPECT_EQ(verify(sign(replaced(good_header(), keys().kid(), "next"), payload)),
            std::unexpected(TokenError::unknown_key));
  EXPECT_EQ(verify(sign(R"({"alg":"RS256","typ":"at+jwt","kid":7})", payload)),
            std::unexpected(TokenError::invalid));
  const std::string long_kid(kKidMax_bytes + 1, 'x');
  EXPECT_EQ(verify(sign(replaced(good_header(), keys().kid(), long_kid), payload)),
            std::unexpected(TokenError::invalid));
}

}  // namespace
}  // namespace instapay::auth
