#include "core/limits.h"
#include "core/time.h"
#include "telemetry/log.h"
#include "user/handlers/handlers.h"
#include "user/passkeys.h"

namespace instapay::user {
namespace {

constexpr std::string_view kLimit = "IP011";  // db/migrations/0012_passkeys.sql

struct NewPasskey {
  Uuid id = Uuid::v7(now_us());
  std::string name, transports;
  auth::NewCredential credential;
  std::string challenge;
};

// What answers a challenge of this session to register one.
Result<NewPasskey> check(const Service& service, const net::Principal& who, std::string name,
                         auth::Registration registration) {
  auto challenge = auth::read_client_data(registration.answer.client_data,
                                          auth::Ceremony::registration, service.relying_party);
  if (!challenge) return refuse_passkey(challenge.error());
  const auto purpose = auth::ChallengePurpose::registration(who.user_id, who.session_id);
  if (!service.passkey_challenges.is_good(*challenge, purpose, now_us() / kSecond_us))
    return stale_challenge();
  auto credential = auth::check_registration(registration.answer, service.relying_party);
  if (!credential) return refuse_passkey(credential.error());
  return NewPasskey{.name = std::move(name),
                    .transports = std::move(registration.transports),
                    .credential = *std::move(credential),
                    .challenge = *std::move(challenge)};
}

pg::Params params_of(const Service& service, const net::Principal& who, const NewPasskey& passkey,
                     const RecoveryCodes& codes) {
  const auth::NewCredential& credential = passkey.credential;
  Uuid aaguid;
  std::ranges::copy(credential.aaguid, aaguid.bytes.begin());
  const Hash256 hash = sha256(passkey.challenge);
  pg::Params params;
  params.add(who.user_id).add(passkey.id).add_bytes(credential.id);
  params.add_bytes(credential.public_key).add(credential.algorithm);
  params.add(std::int64_t{credential.sign_count}).add(aaguid);
  params.add(credential.backup_eligible).add(credential.backed_up).add_bytes(hash);
  params.add_time(now_us() + auth::kPasskeyChallengeTtl_s * kSecond_us).add(who.session_id);
  add_hashes(params, codes);
  params.add(passkey.transports).add(passkey.name).add(service.config.sends_mails());
  return params;
}

net::Response created(const NewPasskey& passkey, std::int64_t added_us,
                      const RecoveryCodes* codes) {
  net::Response response{201, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("passkey");
  queries::user::ListPasskeysRow row{};
  row.id = passkey.id;
  row.name = passkey.name;
  row.backed_up = passkey.credential.backed_up;
  row.created_at = added_us;
  write_passkey(json, row);
  json.key("recoveryCodes");
  if (codes == nullptr) {
    json.null();
  } else {
    json.begin_array();
    for (const std::string& text : codes->texts) json.value(text);
    json.end_array();
  }
  json.end_object();
  return response;
}

}  // namespace

// Needs no password: the challenge was given to who knew it, in this session.
net::Reply add_passkey(Service& service, net::Request& request) {
  if (auto there_are = auth::require_passkeys(service.relying_party); !there_are)
    co_return fail(there_are.error());
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  std::string name =
      fields.text("name", {.max_chars = kPasskeyNameMax_chars, .kind = TextKind::name});
  auth::Registration registration = auth::read_registration(fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  const net::Principal& who = *request.principal;
  const auto passkey = check(service, who, std::move(name), std::move(registration));
  if (!passkey) co_return fail(passkey.error());
  const RecoveryCodes codes = make_recovery_codes(who.user_id);
  const auto rows = co_await service.db.query(queries::user::add_passkey,
                                              params_of(service, who, *passkey, codes));
  if (!rows && rows.error().is(kLimit)) co_return too_many_passkeys();
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto done = rows->front();
  if (!done.was_first) co_return stale_challenge();
  if (!done.added_at) co_return fail(Code::factor_exists, "This passkey is registered already.");
  if (done.turned_on) co_await service.revocations.catch_up();
  log::info("passkey added", {{"user.id", who.user_id.to_string()}});
  co_return created(*passkey, *done.added_at, done.turned_on ? &codes : nullptr);
}

}  // namespace instapay::user
