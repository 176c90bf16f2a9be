#include "user/passkeys.h"

#include "auth/base64url.h"
#include "auth/copied_passkey.h"
#include "auth/cose_key.h"
#include "core/limits.h"
#include "core/time.h"
#include "telemetry/log.h"

namespace instapay::user {
namespace {

constexpr std::string_view kRelyingPartyName = "Mini-InstaPay";

std::vector<auth::PasskeyDescriptor> descriptors_of(
    const pg::TypedRows<queries::user::ListPasskeysRow>& passkeys) {
  std::vector<auth::PasskeyDescriptor> descriptors;
  for (const auto& passkey : passkeys)
    descriptors.push_back({passkey.credential_id, passkey.transports});
  return descriptors;
}

std::string issue_challenge(const Service& service, const auth::ChallengePurpose& purpose) {
  return service.passkey_challenges.issue(purpose, now_us() / kSecond_us);
}

// The counter went back, unless the passkey was removed meanwhile.
Task<Result<PasskeyProof>> refuse_unused(Service& service, const Uuid& passkey, const Uuid& user,
                                         std::int64_t sign_count) {
  const auto copied = co_await auth::report_copied_passkey(service.db, passkey, user, sign_count);
  if (!copied) co_return fail(copied.error());
  if (!*copied) co_return refuse_passkey(auth::WebauthnProblem::credential);
  co_return fail(Code::passkey_copied,
                 "This passkey was used elsewhere with a higher counter, so there may be a copy of "
                 "it. Remove it, and add another one.");
}

}  // namespace

net::Response assertion_options(const Service& service, const auth::ChallengePurpose& purpose,
                                const pg::TypedRows<queries::user::ListPasskeysRow>& passkeys) {
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  auth::write_assertion_options(json, issue_challenge(service, purpose), service.relying_party,
                                descriptors_of(passkeys));
  json.field("expiresIn", auth::kPasskeyChallengeTtl_s).end_object();
  return response;
}

Task<Result<net::Response>> own_assertion_options(Service& service, Uuid user,
                                                  auth::ChallengePurpose purpose) {
  if (auto there_are = auth::require_passkeys(service.relying_party); !there_are)
    co_return fail(there_are.error());
  const auto passkeys =
      co_await service.db.query(queries::user::list_passkeys, pg::Params().add(user));
  if (!passkeys) co_return fail(pg::to_error(passkeys.error()));
  if (passkeys->empty()) co_return fail(Code::factor_not_found, "There is no passkey.");
  co_return assertion_options(service, purpose, *passkeys);
}

net::Response registration_options(const Service& service, const auth::ChallengePurpose& purpose,
                                   const PasskeyOwner& owner,
                                   const pg::TypedRows<queries::user::ListPasskeysRow>& passkeys) {
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("publicKey").begin_object();
  json.key("rp").begin_object().field("id", service.relying_party.id);
  json.field("name", kRelyingPartyName).end_object();
  json.key("user").begin_object().field("id",
                                        auth::base64url_encode(auth::user_handle_of(owner.id)));
  json.field("name", owner.email).field("displayName", owner.display_name).end_object();
  json.field("challenge", auth::base64url_encode(issue_challenge(service, purpose)));
  json.field("timeout", auth::kPasskeyTimeout_ms);
  json.key("pubKeyCredParams").begin_array();
  for (const std::int32_t algorithm : auth::kCoseAlgorithms)
    json.begin_object()
        .field("type", "public-key")
        .field("alg", std::int64_t{algorithm})
        .end_object();
  json.end_array();
  auth::write_descriptors(json, "excludeCredentials", descriptors_of(passkeys));
  // One that the authenticator remembers, so that it signs in without a name being typed.
  json.key("authenticatorSelection").begin_object().field("residentKey", "required");
  json.field("requireResidentKey", true).field("userVerification", "required").end_object();
  json.field("attestation", "none").end_object();
  json.field("expiresIn", auth::kPasskeyChallengeTtl_s).end_object();
  return response;
}

Task<Result<PasskeyProof>> prove_passkey(Service& service, auth::AssertionAnswer answer,
                                         auth::ChallengePurpose purpose, std::optional<Uuid> user) {
  using enum auth::WebauthnProblem;
  const auto challenge =
      auth::read_client_data(answer.client_data, auth::Ceremony::assertion, service.relying_party);
  if (!challenge) co_return refuse_passkey(challenge.error());
  const std::int64_t now = now_us();
  if (!service.passkey_challenges.is_good(*challenge, purpose, now / kSecond_us))
    co_return stale_challenge();
  const auto found = co_await service.db.query(queries::user::find_passkey,
                                               std::move(pg::Params().add_bytes(answer.id)));
  if (!found) co_return fail(pg::to_error(found.error()));
  if (found->empty()) co_return refuse_passkey(credential);
  const auto passkey = found->front();
  if (user && passkey.user_id != *user) co_return refuse_passkey(credential);
  // Who was not named before has to be named by the authenticator.
  const bool names_nobody = answer.user_handle.empty();
  if (names_nobody ? !user : answer.user_handle != auth::user_handle_of(passkey.user_id))
    co_return refuse_passkey(credential);
  const auto assertion = auth::check_assertion(answer, service.relying_party, passkey.public_key,
                                               passkey.backup_eligible);
  if (!assertion) co_return refuse_passkey(assertion.error());

  const Hash256 hash = sha256(*challenge);
  pg::Params params;
  params.add(passkey.id).add(passkey.user_id).add(std::int64_t{assertion->sign_count});
  params.add(assertion->backed_up).add_bytes(hash);
  params.add_time(now + auth::kPasskeyChallengeTtl_s * kSecond_us);
  const auto done = co_await service.db.query(queries::user::use_passkey, std::move(params));
  if (!done) co_return fail(pg::to_error(done.error()));
  if (!done->front().was_first) co_return stale_challenge();
  if (!done->front().used)
    co_return co_await refuse_unused(service, passkey.id, passkey.user_id, assertion->sign_count);
  auth::count_factor_check(Factor::passkey, "right");
  co_return PasskeyProof{passkey.user_id, {Factor::passkey, passkey.factor_version}};
}

ShownFactor read_shown_factor(Fields& fields) {
  if (fields.has("passkey")) return {.passkey = auth::read_assertion(fields)};
  return {.code = read_factor_code(fields, "code")};
}

Task<Result<FactorProof>> prove_shown(Service& service, Uuid user, ShownFactor shown,
                                      auth::ChallengePurpose purpose) {
  if (!shown.passkey) co_return co_await prove_code(service, user, shown.code);
  if (auto begun = co_await begin_passkey_attempt(service, user); !begun)
    co_return fail(begun.error());
  auto proven =
      co_await prove_passkey(service, std::move(*shown.passkey), std::move(purpose), user);
  if (!proven) co_return fail(std::move(proven.error()));
  co_return proven->proof;
}

std::unexpected<Error> refuse_passkey(auth::WebauthnProblem problem) {
  auth::count_factor_check(Factor::passkey, "wrong");
  log::info("passkey refused", {{"instapay.reason", name_of(problem)}});
  return fail(Code::passkey_invalid, "This passkey is not one that is registered here.");
}

std::unexpected<Error> stale_challenge() {
  return fail(Code::challenge_invalid, "This took too long, or was done before; begin again.");
}

std::unexpected<Error> no_such_passkey() {
  return fail(Code::factor_not_found, "There is no such passkey.");
}

std::unexpected<Error> too_many_passkeys() {
  return fail(Code::passkey_limit_exceeded, "A person has at most " +
                                                std::to_string(kPasskeysPerUserMax) +
                                                " passkeys; remove one that is not used.");
}

void write_passkey(JsonWriter& json, const queries::user::ListPasskeysRow& passkey) {
  json.begin_object().field("id", passkey.id).field("name", passkey.name);
  json.key("createdAt").time(passkey.created_at);
  json.key("lastUsedAt").time_or_null(passkey.last_used_at);
  json.field("backedUp", passkey.backed_up);
  json.key("copiedAt").time_or_null(passkey.copied_at).end_object();
}

}  // namespace instapay::user
