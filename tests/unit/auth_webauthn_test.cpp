// The ceremonies of passkeys, held to the test vectors of WebAuthn Level 3. Most of them have not
// verified their user, which is not accepted here: their parts are checked one by one.
#include "auth/webauthn.h"

#include <gtest/gtest.h>

#include "auth/authenticator_data.h"
#include "auth/cose_key.h"
#include "core/sha256.h"
#include "unit/webauthn_vectors.h"

namespace instapay::auth {
namespace {

using testing::WebauthnVector;

std::string bytes(std::string_view hex) {
  std::vector<std::uint8_t> out(hex.size() / 2);
  EXPECT_TRUE(from_hex(hex, out));
  return {out.begin(), out.end()};
}

std::span<const std::uint8_t> view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

const RelyingParty kParty{"example.org", {"https://example.org"}};

RegistrationAnswer registration_of(const WebauthnVector& vector) {
  return {bytes(vector.credential_id), bytes(vector.client_data), bytes(vector.attestation_object)};
}

AssertionAnswer assertion_of(const WebauthnVector& vector) {
  return {bytes(vector.credential_id), bytes(vector.assertion_client_data),
          bytes(vector.authenticator_data), bytes(vector.signature), ""};
}

// What was signed at the assertion.
std::string message_of(const WebauthnVector& vector) {
  const Hash256 hash = sha256(bytes(vector.assertion_client_data));
  return bytes(vector.authenticator_data).append(hash.begin(), hash.end());
}

template <class T>
std::optional<WebauthnProblem> problem_of(const std::expected<T, WebauthnProblem>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

class WebauthnVectors : public ::testing::TestWithParam<WebauthnVector> {};

TEST_P(WebauthnVectors, AreReadAndVerified) {
  const WebauthnVector& vector = GetParam();
  EXPECT_EQ(read_client_data(bytes(vector.client_data), Ceremony::registration, kParty),
            bytes(vector.challenge));
  EXPECT_EQ(read_client_data(bytes(vector.assertion_client_data), Ceremony::assertion, kParty),
            bytes(vector.assertion_challenge));
  const std::string wrapped = bytes(vector.attestation_object);
  const auto object = AttestationObject::parse(view(wrapped));
  ASSERT_TRUE(object);
  const auto data = AuthenticatorData::parse(object->authenticator_data);
  ASSERT_TRUE(data && data->credential);
  EXPECT_EQ(data->rp_id_hash, sha256("example.org"));
  EXPECT_EQ(to_hex(data->credential->id), vector.credential_id);
  const auto key = CoseKey::parse(data->credential->public_key);
  ASSERT_TRUE(key);
  std::string message = message_of(vector), signature = bytes(vector.signature);
  EXPECT_TRUE(key->verify(view(message), view(signature)));
  message.back() ^= 1;
  EXPECT_FALSE(key->verify(view(message), view(signature)));
  message.back() ^= 1;
  signature.back() ^= 1;
  EXPECT_FALSE(key->verify(view(message), view(signature)));
  EXPECT_FALSE(key->verify(view(message), {}));
  const std::string shown_bytes = bytes(vector.authenticator_data);
  const auto shown = AuthenticatorData::parse(view(shown_bytes));
  ASSERT_TRUE(shown && shown->user_present && !shown->credential);
  const auto checked = check_assertion(assertion_of(vector), kParty, data->credential->public_key,
                                       data->backup_eligible);
  if (shown->user_verified) {
    EXPECT_TRUE(checked) << name_of(checked.error());
  } else {
    EXPECT_EQ(problem_of(checked), WebauthnProblem::not_verified);
  }
}

INSTANTIATE_TEST_SUITE_P(Level3, WebauthnVectors,
                         ::testing::Values(testing::kNoneEs256, testing::kSelfEs256,
                                           testing::kLongId, testing::kRs256, testing::kEdDsa));

TEST(Webauthn, SelfAttestationIsChecked) {
  const RegistrationAnswer answer = registration_of(testing::kSelfEs256);
  const auto credential = check_registration(answer, kParty);
  ASSERT_TRUE(credential) << name_of(credential.error());
  EXPECT_EQ(credential->algorithm, kCoseEs256);
  EXPECT_EQ(credential->sign_count, 0U);
  EXPECT_TRUE(credential->backup_eligible && credential->backed_up);
  EXPECT_EQ(to_hex(credential->aaguid), "df850e09db6afbdfab51697791506cfc");

  RegistrationAnswer other = answer;
  other.client_data += ' ';
  EXPECT_EQ(problem_of(check_registration(other, kParty)), WebauthnProblem::attestation);
  other = answer;
  other.id.back() ^= 1;
  EXPECT_EQ(problem_of(check_registration(other, kParty)), WebauthnProblem::credential);
  EXPECT_EQ(problem_of(check_registration(answer, {"example.com", {}})),
            WebauthnProblem::relying_party);
}

TEST(Webauthn, WhatIsNotAcceptedSaysWhy) {
  EXPECT_EQ(problem_of(check_registration(registration_of(testing::kNoneEs256), kParty)),
            WebauthnProblem::not_verified);
  for (const WebauthnVector& framed : {testing::kCrossOrigin, testing::kTopOrigin}) {
    EXPECT_EQ(
        problem_of(read_client_data(bytes(framed.client_data), Ceremony::registration, kParty)),
        WebauthnProblem::origin)
        << framed.name;
    EXPECT_EQ(problem_of(read_client_data(bytes(framed.assertion_client_data), Ceremony::assertion,
                                          kParty)),
              WebauthnProblem::origin)
        << framed.name;
  }
  const std::string wrapped = bytes(testing::kEs384.attestation_object);
  const auto object = AttestationObject::parse(view(wrapped));
  const auto data = AuthenticatorData::parse(object->authenticator_data);
  ASSERT_TRUE(data && data->credential);
  EXPECT_FALSE(CoseKey::parse(data->credential->public_key)) << "ES384";
}

TEST(Webauthn, NoPrefixOfAnAnswerIsOne) {
  const std::string wrapped = bytes(testing::kSelfEs256.attestation_object);
  for (std::size_t size = 0; size < wrapped.size(); ++size)
    EXPECT_FALSE(AttestationObject::parse(view(wrapped).first(size))) << size;
  EXPECT_FALSE(AttestationObject::parse(view(wrapped + '\0')));
  const auto data = AttestationObject::parse(view(wrapped))->authenticator_data;
  const std::string text(data.begin(), data.end());
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(AuthenticatorData::parse(view(text).first(size))) << size;
  EXPECT_FALSE(AuthenticatorData::parse(view(text + '\0')));
}

struct ClientCase {
  std::string_view json;
  WebauthnProblem problem;
};

TEST(Webauthn, ClientDataIsOfThisCeremonyAndPage) {
  using enum WebauthnProblem;
  const ClientCase cases[] = {
      {"", client_data},
      {"[]", client_data},
      {R"({"type":"webauthn.get","type":"webauthn.get"})", client_data},
      {R"({})", type},
      {R"({"type":"webauthn.create","challenge":"AAAA","origin":"https://example.org"})", type},
      {R"({"type":"webauthn.get","challenge":"AAAA"})", origin},
      {R"({"type":"webauthn.get","challenge":"AAAA","origin":["https://example.org"]})", origin},
      {R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://example.org/"})", origin},
      {R"({"type":"webauthn.get","challenge":"AAAA","origin":"http://example.org"})", origin},
      {R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://www.example.org"})", origin},
      {R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://example.org","crossOrigin":0})",
       origin},
      {R"({"type":"webauthn.get","challenge":"AA==","origin":"https://example.org"})", client_data},
  };
  for (const auto& [json, problem] : cases) {
    const auto read = read_client_data(json, Ceremony::assertion, kParty);
    EXPECT_EQ(problem_of(read), problem) << json;
  }
  const std::string good =
      R"({"type":"webauthn.get","challenge":"AAAA","origin":"https://example.org"})";
  EXPECT_EQ(read_client_data(good, Ceremony::assertion, kParty), std::string(3, '\0'));
  EXPECT_FALSE(
      read_client_data(good + std::string(kClientDataMax_bytes, ' '), Ceremony::assertion, kParty));
}

}  // namespace
}  // namespace instapay::auth
