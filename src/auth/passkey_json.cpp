#include "auth/passkey_json.h"

#include <algorithm>
#include <array>

#include "auth/authenticator_data.h"
#include "auth/base64url.h"

namespace instapay::auth {
namespace {

// What browsers know; others are of no use to them.
constexpr std::array<std::string_view, 7> kTransports = {"usb",    "nfc",      "ble",       "cable",
                                                         "hybrid", "internal", "smart-card"};
constexpr std::size_t kUserHandleMax_bytes = 64;

std::string read_bytes(Fields& fields, std::string_view name, std::size_t max_bytes) {
  const std::string text = fields.secret(name);
  if (fields.has_error(name)) return {};
  if (text.size() > (max_bytes * 4 + 2) / 3) {
    fields.add_error(name, "too_long",
                     std::string(name) + " may have at most " + std::to_string(max_bytes) +
                         " bytes, as base64url.");
    return {};
  }
  auto bytes = base64url_decode(text);
  if (!bytes || bytes->empty())
    fields.add_error(name, "invalid_format", std::string(name) + " must be base64url.");
  return std::move(bytes).value_or(std::string());
}

// The objects of a browser, which may have more in them than is read here.
struct Credential {
  std::string id;
  const Json* response = nullptr;
};

void move_errors(Fields& from, Fields& to) {
  FieldErrors errors;
  from.finish_into(errors);
  for (FieldError& error : errors.listed())
    to.add_error(error.field, error.code, std::move(error.detail));
}

Credential read_credential(Fields& fields) {
  constexpr std::array<std::string_view, 1> kTypes = {"public-key"};
  const Json* object = fields.object("passkey");
  if (object == nullptr) return {};
  Fields of(*object, "passkey.");
  of.ignore_others();
  Credential credential{.id = read_bytes(of, "id", kCredentialIdMax_bytes)};
  of.choice("type", kTypes);
  credential.response = of.object("response");
  move_errors(of, fields);
  return credential;
}

std::string read_transports(const Json& response) {
  std::string known;
  const Json* sent = response.find("transports");
  if (sent == nullptr) return known;
  for (const std::string_view transport : kTransports)
    if (std::ranges::any_of(sent->items, [&](const Json& item) {
          return item.kind == Json::Kind::string && item.text == transport;
        }))
      known.append(known.empty() ? "" : ",").append(transport);
  return known;
}

}  // namespace

Registration read_registration(Fields& fields) {
  Registration registration;
  Credential credential = read_credential(fields);
  registration.answer.id = std::move(credential.id);
  if (credential.response == nullptr) return registration;
  Fields of(*credential.response, "passkey.response.");
  of.ignore_others();
  registration.answer.client_data = read_bytes(of, "clientDataJSON", kClientDataMax_bytes);
  registration.answer.attestation_object =
      read_bytes(of, "attestationObject", kAttestationObjectMax_bytes);
  registration.transports = read_transports(*credential.response);
  move_errors(of, fields);
  return registration;
}

AssertionAnswer read_assertion(Fields& fields) {
  AssertionAnswer answer;
  Credential credential = read_credential(fields);
  answer.id = std::move(credential.id);
  if (credential.response == nullptr) return answer;
  Fields of(*credential.response, "passkey.response.");
  of.ignore_others();
  answer.client_data = read_bytes(of, "clientDataJSON", kClientDataMax_bytes);
  answer.authenticator_data = read_bytes(of, "authenticatorData", kAuthenticatorDataMax_bytes);
  answer.signature = read_bytes(of, "signature", kPasskeySignatureMax_bytes);
  const Json* handle = credential.response->find("userHandle");
  if (handle != nullptr && handle->kind != Json::Kind::null)
    answer.user_handle = read_bytes(of, "userHandle", kUserHandleMax_bytes);
  move_errors(of, fields);
  return answer;
}

Result<void> require_passkeys(const RelyingParty& party) {
  if (!party.id.empty()) return {};
  return fail(Code::passkeys_not_configured,
              "This installation has no address that passkeys could be for; ask its operator.");
}

std::string user_handle_of(const Uuid& user) { return {user.bytes.begin(), user.bytes.end()}; }

std::optional<WebauthnProblem> find_problem(const AssertionAnswer& answer,
                                            const RelyingParty& party, const Hash256& challenge,
                                            const Uuid& user) {
  const auto answered = read_client_data(answer.client_data, Ceremony::assertion, party);
  if (!answered) return answered.error();
  if (*answered != std::string(challenge.begin(), challenge.end()))
    return WebauthnProblem::client_data;
  if (!answer.user_handle.empty() && answer.user_handle != user_handle_of(user))
    return WebauthnProblem::credential;
  return std::nullopt;
}

void write_descriptors(JsonWriter& json, std::string_view name,
                       std::span<const PasskeyDescriptor> passkeys) {
  json.key(name).begin_array();
  for (const PasskeyDescriptor& passkey : passkeys) {
    json.begin_object().field("type", "public-key");
    json.field("id", base64url_encode(passkey.credential_id));
    json.key("transports").begin_array();
    for (std::string_view rest = passkey.transports; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      json.value(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void write_assertion_options(JsonWriter& json, std::string_view challenge,
                             const RelyingParty& party,
                             std::span<const PasskeyDescriptor> passkeys) {
  json.key("publicKey").begin_object();
  json.field("challenge", base64url_encode(challenge)).field("timeout", kPasskeyTimeout_ms);
  json.field("rpId", party.id);
  write_descriptors(json, "allowCredentials", passkeys);
  json.field("userVerification", "required").end_object();
}

}  // namespace instapay::auth
