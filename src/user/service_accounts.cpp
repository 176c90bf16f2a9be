#include "user/service_accounts.h"

#include <fmt/format.h>

#include "auth/client_assertion.h"
#include "auth/client_secret.h"
#include "core/limits.h"
#include "core/time.h"
#include "ledger/store/pg_prelude.h"
#include "telemetry/log.h"

namespace instapay::user {
namespace {

using AccountRow = queries::user::ListServiceAccountsRow;
using CredentialRow = queries::user::ListServiceCredentialsRow;

constexpr std::string_view kPlatformPath = "/api/service-accounts";

std::unexpected<Error> not_found() {
  return fail(Code::service_account_not_found,
              "There is no such service account, or it has ended.");
}

// Which constraint a change ran into.
std::unexpected<Error> explain(std::string_view constraint, Error otherwise) {
  if (constraint == "changed_meanwhile") return not_found();
  if (constraint == "service_accounts_limit")
    return fail(
        Code::service_account_limit_exceeded,
        fmt::format("At most {} service accounts at once; revoke one first.", kServiceAccountsMax));
  if (constraint == "service_credentials_limit")
    return fail(Code::credential_limit_exceeded,
                fmt::format("A service account has at most {} credentials; remove one first.",
                            kServiceCredentialsMax));
  return fail(std::move(otherwise));
}

void write_credential(JsonWriter& json, const CredentialRow& credential) {
  json.begin_object()
      .field("id", credential.id)
      .field("kind", credential.is_key ? "key" : "secret");
  json.key("publicKey");
  if (credential.public_key) {
    json.raw(*credential.public_key);
  } else {
    json.null();
  }
  json.key("createdAt").time(credential.created_at);
  json.key("lastUsedAt").time_or_null(credential.last_used_at).end_object();
}

// The members without the end of the object.
void write_members(JsonWriter& json, const AccountRow& account, Currency currency) {
  json.begin_object().field("id", account.id).field("name", account.name);
  json.key("scopes").begin_array();
  const Scopes scopes = parse_scopes(account.scopes).value_or(Scopes{});
  for (const std::string_view name : names_of(scopes)) json.value(name);
  json.end_array().key("limits");
  if (account.payment_limit) {
    json.begin_object().key("perRequest").amount(*account.payment_limit, currency);
    json.key("perDay").amount(account.daily_limit.value_or(0), currency);
    json.key("orderedToday").amount(account.ordered_today, currency);
    json.field("provenByFactor", account.limits_proven).end_object();
  } else {
    json.null();
  }
  json.field("createdBy", account.created_by).key("createdAt").time(account.created_at);
  json.key("expiresAt").time_or_null(account.expires_at);
  json.key("lastUsedAt").time_or_null(account.last_used_at);
  json.key("revokedAt").time_or_null(account.revoked_at);
}

// {…, "credentials":[…]}.
template <class Accounts>
Task<Result<std::string>> with_credentials(Service& service, const Accounts& accounts) {
  std::vector<Uuid> ids;
  for (const auto& account : accounts) ids.push_back(account.id);
  const auto credentials = co_await service.db.query(queries::user::list_service_credentials,
                                                     std::move(pg::Params().add_array(ids)));
  if (!credentials) co_return fail(pg::to_error(credentials.error()));
  std::string text;
  for (const auto& account : accounts) {
    if (!text.empty()) text += ',';
    JsonWriter json(text);
    write_members(json, account, service.config.currency);
    json.key("credentials").begin_array();
    for (const auto& credential : *credentials)
      if (credential.account_id == account.id) write_credential(json, credential);
    json.end_array().end_object();
  }
  co_return text;
}

// Together with the entry that tells of it.
Task<Result<void>> change_with_entry(Service& service, const net::Request& request, Uuid account,
                                     pg::Statement statement, pg::Params params,
                                     std::string change) {
  auto submission = std::make_unique<ledger::Submission>();
  submission->prelude = std::make_unique<ledger::PgPrelude>(statement, std::move(params));
  ledger::Order order;
  order.payer = {account};
  order.kind = ledger::EntryKind::control;
  order.actor = request.principal->user_id;
  order.control.change = std::move(change);
  submission->orders.push_back(std::move(order));
  const auto outcomes = co_await service.ledger.submit(std::move(submission));
  if (outcomes.front()) co_return Result<void>();
  const ledger::Refusal& refusal = outcomes.front().error();
  if (refusal.code == Code::user_not_found) co_return not_found();
  co_return explain(refusal.constraint, ledger::to_error(refusal, service.config.currency));
}

}  // namespace

ServiceOwner service_owner(const net::Request& request) {
  if (request.route.starts_with(kPlatformPath)) return std::nullopt;
  return request.principal->user_id;
}

void add_credential(pg::Params& params, const NewCredential& credential) {
  if (credential.secret_hash) {
    params.add_bytes(*credential.secret_hash);
  } else {
    params.add_null();
  }
  params.add(credential.public_key);
}

NewCredential read_new_credential(Fields& fields) {
  NewCredential made{.id = Uuid::v7(now_us())};
  if (!fields.has("publicKey")) {
    auth::ClientSecret secret = auth::make_client_secret();
    made.secret = std::move(secret.text);
    made.secret_hash = secret.hash;
    return made;
  }
  const Json* jwk = fields.object("publicKey");
  if (jwk == nullptr) return made;
  const auto key = auth::read_client_key(*jwk);
  if (!key) {
    fields.add_error("publicKey", "invalid_format", "publicKey " + key.error() + ".");
    return made;
  }
  std::string text;
  JsonWriter json(text);
  key->write_jwk(json, key->thumbprint());
  made.public_key = std::move(text);
  return made;
}

Task<Result<void>> change_service_account(Service& service, const net::Request& request,
                                          Uuid account, pg::Statement statement, pg::Params params,
                                          std::string change) {
  log::info("service account changed", {{"instapay.service_account", account.to_string()},
                                        {"user.id", request.principal->user_id.to_string()},
                                        {"http.route", request.route}});
  if (!service_owner(request))
    co_return co_await change_with_entry(service, request, account, statement, std::move(params),
                                         std::move(change));
  const auto done = co_await service.db.query(statement, std::move(params));
  if (!done) co_return explain(done.error().constraint, pg::to_error(done.error()));
  co_return Result<void>();
}

Task<Result<std::string>> service_account_json(Service& service, ServiceOwner owner, Uuid account) {
  const auto rows = co_await service.db.query(queries::user::find_service_account,
                                              std::move(pg::Params().add(account).add(owner)));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return not_found();
  co_return co_await with_credentials(service, *rows);
}

Task<Result<std::string>> service_accounts_json(Service& service, ServiceOwner owner) {
  const auto rows = co_await service.db.query(queries::user::list_service_accounts,
                                              std::move(pg::Params().add(owner)));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  co_return co_await with_credentials(service, *rows);
}

void write_service_account(JsonWriter& json, const AccountRow& account, Currency currency) {
  write_members(json, account, currency);
  json.end_object();
}

Task<Result<net::Response>> service_account_answer(Service& service, const net::Request& request,
                                                   int status, Uuid account,
                                                   std::string client_secret) {
  const auto text = co_await service_account_json(service, service_owner(request), account);
  if (!text) co_return fail(text.error());
  net::Response response{status, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("serviceAccount").raw(*text);
  json.field_or_null("clientSecret", client_secret).end_object();
  co_return response;
}

}  // namespace instapay::user
