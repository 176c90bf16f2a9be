#include "auth/webauthn.h"

#include <algorithm>

#include "auth/authenticator_data.h"
#include "auth/base64url.h"
#include "auth/cbor.h"
#include "auth/cose_key.h"
#include "auth/jws.h"
#include "auth/openssl.h"

namespace instapay::auth {
namespace {

// A client's boolean may be left out, and is false then.
bool is_false(const Json* value) {
  return value == nullptr || (value->kind == Json::Kind::boolean && !value->boolean);
}

// What is signed: the authenticator's data and the hash of the client's.
std::string signed_message(ByteSpan authenticator_data, std::string_view client_data) {
  std::string message(text_of(authenticator_data));
  const Hash256 hash = sha256(client_data);
  return message.append(hash.begin(), hash.end());
}

std::expected<AuthenticatorData, WebauthnProblem> read_authenticator(ByteSpan bytes,
                                                                     const RelyingParty& party) {
  auto data = AuthenticatorData::parse(bytes);
  if (!data) return std::unexpected(WebauthnProblem::authenticator);
  if (data->rp_id_hash != sha256(party.id)) return std::unexpected(WebauthnProblem::relying_party);
  if (!data->user_present || !data->user_verified)
    return std::unexpected(WebauthnProblem::not_verified);
  return *data;
}

// {alg, sig} by the credential's own key (§8.2, self attestation). With a certificate it would
// speak of its maker, which was not asked for.
bool is_self_attested(const AttestationObject& object, const CoseKey& key,
                      std::string_view client_data) {
  CborReader reader(object.statement);
  std::optional<std::int64_t> algorithm;
  std::optional<ByteSpan> signature;
  if (reader.map() != std::optional<std::size_t>(2)) return false;
  for (int i = 0; i < 2; ++i) {
    const auto name = reader.text();
    if (name == "alg") {
      algorithm = reader.integer();
    } else if (name == "sig") {
      signature = reader.bytes();
    } else {
      return false;
    }
  }
  return reader.is_finished() && algorithm == key.algorithm() && signature &&
         key.verify(bytes_of(signed_message(object.authenticator_data, client_data)), *signature);
}

bool is_attested_as_asked(const AttestationObject& object, const CoseKey& key,
                          std::string_view client_data) {
  if (object.format == "packed") return is_self_attested(object, key, client_data);
  CborReader reader(object.statement);
  return object.format == "none" && reader.map() == std::optional<std::size_t>(0) &&
         reader.is_finished();
}

}  // namespace

std::string_view name_of(WebauthnProblem problem) {
  switch (problem) {
    case WebauthnProblem::client_data:
      return "client_data";
    case WebauthnProblem::type:
      return "type";
    case WebauthnProblem::origin:
      return "origin";
    case WebauthnProblem::authenticator:
      return "authenticator";
    case WebauthnProblem::relying_party:
      return "relying_party";
    case WebauthnProblem::not_verified:
      return "not_verified";
    case WebauthnProblem::key:
      return "key";
    case WebauthnProblem::credential:
      return "credential";
    case WebauthnProblem::attestation:
      return "attestation";
    case WebauthnProblem::signature:
      return "signature";
  }
  std::unreachable();
}

std::expected<std::string, WebauthnProblem> read_client_data(std::string_view json,
                                                             Ceremony ceremony,
                                                             const RelyingParty& party) {
  if (json.size() > kClientDataMax_bytes) return std::unexpected(WebauthnProblem::client_data);
  // A name that stands twice is refused there.
  const auto data = parse_json(json);
  if (!data || data->kind != Json::Kind::object)
    return std::unexpected(WebauthnProblem::client_data);
  const bool registers = ceremony == Ceremony::registration;
  if (text_of(*data, "type") != (registers ? "webauthn.create" : "webauthn.get"))
    return std::unexpected(WebauthnProblem::type);
  // Nobody frames the wallet; `topOrigin` is there only where somebody does.
  if (std::ranges::find(party.origins, text_of(*data, "origin")) == party.origins.end() ||
      !is_false(data->find("crossOrigin")) || data->find("topOrigin") != nullptr)
    return std::unexpected(WebauthnProblem::origin);
  auto challenge = base64url_decode(text_of(*data, "challenge"));
  if (!challenge) return std::unexpected(WebauthnProblem::client_data);
  return *std::move(challenge);
}

std::expected<NewCredential, WebauthnProblem> check_registration(const RegistrationAnswer& answer,
                                                                 const RelyingParty& party) {
  const auto object = AttestationObject::parse(bytes_of(answer.attestation_object));
  if (!object) return std::unexpected(WebauthnProblem::authenticator);
  const auto data = read_authenticator(object->authenticator_data, party);
  if (!data) return std::unexpected(data.error());
  if (!data->credential || text_of(data->credential->id) != answer.id)
    return std::unexpected(WebauthnProblem::credential);
  const auto key = CoseKey::parse(data->credential->public_key);
  if (!key) return std::unexpected(WebauthnProblem::key);
  if (!is_attested_as_asked(*object, *key, answer.client_data))
    return std::unexpected(WebauthnProblem::attestation);
  return NewCredential{.id = answer.id,
                       .public_key = std::string(text_of(data->credential->public_key)),
                       .algorithm = key->algorithm(),
                       .sign_count = data->sign_count,
                       .aaguid = data->credential->aaguid,
                       .backup_eligible = data->backup_eligible,
                       .backed_up = data->backed_up};
}

std::expected<Assertion, WebauthnProblem> check_assertion(const AssertionAnswer& answer,
                                                          const RelyingParty& party,
                                                          ByteSpan public_key,
                                                          bool backup_eligible) {
  const ByteSpan bytes = bytes_of(answer.authenticator_data);
  const auto data = read_authenticator(bytes, party);
  if (!data) return std::unexpected(data.error());
  // Whether it may be synchronized is decided when it is made, for ever.
  if (data->backup_eligible != backup_eligible) return std::unexpected(WebauthnProblem::credential);
  const auto key = CoseKey::parse(public_key);
  if (!key) return std::unexpected(WebauthnProblem::key);
  if (!key->verify(bytes_of(signed_message(bytes, answer.client_data)), bytes_of(answer.signature)))
    return std::unexpected(WebauthnProblem::signature);
  return Assertion{.sign_count = data->sign_count, .backed_up = data->backed_up};
}

}  // namespace instapay::auth
