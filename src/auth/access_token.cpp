#include "auth/access_token.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "auth/jws.h"

namespace instapay::auth {
namespace {

constexpr std::string_view kType = "at+jwt";  // RFC 9068

// Whole seconds only: that is what we issue.
std::optional<std::int64_t> claim_time(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  if (value == nullptr || value->kind != Json::Kind::number) return std::nullopt;
  const char* end = value->text.data() + value->text.size();
  std::int64_t time_s = 0;
  const auto [stop, error] = std::from_chars(value->text.data(), end, time_s);
  if (error != std::errc() || stop != end || time_s < 0) return std::nullopt;
  return time_s;
}

// The methods of RFC 8176, and `pop` of its registry: a key that may be in hardware or not. A
// recovery code is neither something that one has nor a one-time password in its sense.
constexpr std::string_view kPassword = "pwd", kOneTimePassword = "otp", kKey = "pop", kPin = "pin",
                           kSeveral = "mfa";

bool has_method(const Json& payload, std::string_view method) {
  const Json* methods = payload.find("amr");
  return methods != nullptr && std::ranges::any_of(methods->items, [&](const Json& item) {
           return item.kind == Json::Kind::string && item.text == method;
         });
}

bool is_true(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  return value != nullptr && value->kind == Json::Kind::boolean && value->boolean;
}

FactorState read_factors(const Json& payload) {
  FactorState state;
  if (const auto at_s = claim_time(payload, "auth_time"); at_s && has_method(payload, kSeveral)) {
    state.proven_at_s = *at_s;
    state.proven_by = has_method(payload, kKey)               ? Factor::passkey
                      : has_method(payload, kOneTimePassword) ? Factor::totp
                                                              : Factor::recovery_code;
  }
  const Json* factors = payload.find("factors");
  if (factors == nullptr) return state;
  state.version = claim_time(*factors, "version").value_or(0);
  state.enrolled = is_true(*factors, "enrolled");
  state.step_up_above_minor = claim_time(*factors, "step_up_above");
  state.step_up_new_payees = is_true(*factors, "step_up_new_payees");
  state.pin_proven_at_s = claim_time(*factors, "pin_time").value_or(0);
  state.pin_per_payment_minor = claim_time(*factors, "pin_up_to");
  return state;
}

void write_factors(JsonWriter& json, const FactorState& state) {
  if (state.proven_by) {
    json.field("auth_time", state.proven_at_s).key("amr").begin_array();
    // A passkey may have stood for the password too, and is of two kinds by itself.
    json.value(*state.proven_by == Factor::passkey ? kKey : kPassword);
    if (*state.proven_by == Factor::totp) json.value(kOneTimePassword);
    if (state.pin_proven_at_s > 0) json.value(kPin);
    json.value(kSeveral).end_array();
  } else if (state.pin_proven_at_s > 0) {
    json.key("amr").begin_array().value(kPassword).value(kPin).end_array();
  }
  if (state.version == 0) return;
  json.key("factors").begin_object().field("version", state.version);
  if (state.enrolled) json.field("enrolled", true);
  if (state.step_up_above_minor) json.field("step_up_above", *state.step_up_above_minor);
  if (state.step_up_new_payees) json.field("step_up_new_payees", true);
  if (state.pin_proven_at_s > 0) json.field("pin_time", state.pin_proven_at_s);
  if (state.pin_per_payment_minor) json.field("pin_up_to", *state.pin_per_payment_minor);
  json.end_object();
}

bool audience_matches(const Json& payload, std::string_view audience) {
  const Json* value = payload.find("aud");
  if (value == nullptr) return false;
  if (value->kind == Json::Kind::string) return value->text == audience;
  return std::ranges::any_of(value->items, [&](const Json& item) {
    return item.kind == Json::Kind::string && item.text == audience;
  });
}

// RFC 9068 §2.2: `sub` is the client where nobody else is asked. Nullopt when it is no machine's.
std::optional<Machine> read_machine(const Json& payload, const Uuid& subject) {
  const auto scopes = parse_scopes(text_of(payload, "scope"));
  const auto wallet = Uuid::parse(text_of(payload, "wallet"));
  if (Uuid::parse(text_of(payload, "client_id")) != subject || !scopes ||
      (payload.find("wallet") != nullptr && !wallet) || payload.find("role") != nullptr)
    return std::nullopt;
  return Machine{subject, wallet, *scopes};
}

void write_machine(JsonWriter& json, const Machine& machine) {
  json.field("client_id", machine.id).field("scope", format(machine.scopes));
  if (machine.wallet) json.field("wallet", *machine.wallet);
}

std::optional<Claims> read_claims(const Json& payload) {
  const auto subject = Uuid::parse(text_of(payload, "sub"));
  const auto session_id = Uuid::parse(text_of(payload, "sid"));
  const auto token_id = Uuid::parse(text_of(payload, "jti"));
  const bool is_machine = payload.find("client_id") != nullptr || payload.find("scope") != nullptr;
  const auto role = is_machine ? Role::user : parse_role(text_of(payload, "role"));
  const auto issued_at_s = claim_time(payload, "iat");
  const auto expires_at_s = claim_time(payload, "exp");
  if (!subject || !session_id || !token_id || !role || !issued_at_s || !expires_at_s) {
    return std::nullopt;
  }
  const auto machine = is_machine ? read_machine(payload, *subject) : std::nullopt;
  if (is_machine && !machine) return std::nullopt;
  return Claims{.subject = *subject,
                .session_id = *session_id,
                .token_id = *token_id,
                .issued_at_s = *issued_at_s,
                .expires_at_s = *expires_at_s,
                .role = *role,
                .factors = is_machine ? FactorState{} : read_factors(payload),
                .machine = machine};
}

}  // namespace

std::string issue_access_token(const Claims& claims, const SigningKeys& keys,
                               const TokenExpectations& names) {
  std::string payload;
  JsonWriter json(payload);
  json.begin_object()
      .field("iss", names.issuer)
      .field("aud", names.audience)
      .field("sub", claims.subject)
      .field("sid", claims.session_id)
      .field("iat", claims.issued_at_s)
      .field("exp", claims.expires_at_s)
      .field("jti", claims.token_id);
  if (claims.machine) {
    write_machine(json, *claims.machine);
  } else {
    json.field("role", name_of(claims.role));
    write_factors(json, claims.factors);
  }
  json.end_object();
  return sign_jws(payload, kType, keys);
}

std::expected<Claims, TokenError> verify_access_token(std::string_view token, const KeySet& keys,
                                                      std::int64_t now_s,
                                                      const TokenExpectations& expected) {
  const auto invalid = std::unexpected(TokenError::invalid);
  const auto jws = parse_jws(token, kType, kTokenMax_bytes);
  if (!jws) return invalid;
  if (!jws->kid.empty() && !keys.contains(jws->kid))
    return std::unexpected(TokenError::unknown_key);
  if (!verify_jws(*jws, keys)) return invalid;
  // Duplicate members are refused, so claims mean one thing only.
  const auto payload = parse_json(jws->payload);
  if (!payload || payload->kind != Json::Kind::object ||
      text_of(*payload, "iss") != expected.issuer ||
      !audience_matches(*payload, expected.audience)) {
    return invalid;
  }
  auto claims = read_claims(*payload);
  if (!claims || claims->issued_at_s > now_s + kClockSkewMax_s) return invalid;
  if (payload->find("nbf") != nullptr) {
    const auto not_before = claim_time(*payload, "nbf");
    if (!not_before || *not_before > now_s + kClockSkewMax_s) return invalid;
  }
  if (now_s >= claims->expires_at_s) return std::unexpected(TokenError::expired);
  return *claims;
}

}  // namespace instapay::auth
