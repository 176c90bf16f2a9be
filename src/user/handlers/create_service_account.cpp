#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "core/time.h"
#include "user/factor_change.h"
#include "user/handlers/handlers.h"
#include "user/service_accounts.h"

namespace instapay::user {
namespace {

constexpr std::string_view kExpiryRule = "expiresAt must be later than now, by at most five years.";

struct NewAccount {
  Uuid id = Uuid::v7(now_us());
  std::string name, password;
  Scopes scopes;
  std::optional<std::int64_t> per_request_minor, per_day_minor, expires_us;
  NewCredential credential;
};

void read_scopes(Fields& fields, Scopes possible, Scopes& scopes) {
  const Json* names = fields.array("scopes", 1, static_cast<std::size_t>(Scope::kCount));
  for (std::size_t i = 0; names != nullptr && i < names->items.size(); ++i) {
    const Json& name = names->items[i];
    const auto scope = name.kind == Json::Kind::string ? parse_scope(name.text) : std::nullopt;
    const bool fits = scope && possible.has(*scope) && !scopes.has(*scope);
    if (fits) {
      scopes.add(*scope);
    } else if (!fields.has_error("scopes")) {
      fields.add_error("scopes", "not_allowed",
                       "scopes are some of: " + format(possible) + ", each once.");
    }
  }
}

// Who pays does so up to a limit, and who does not has none.
void read_limits(Fields& fields, Currency currency, NewAccount& made, FieldErrors& errors) {
  if (!made.scopes.has(Scope::payments_write)) {
    fields.refuse("limits", "not_allowed", "limits are for the scope payments:write alone.");
    return;
  }
  const Json* object = fields.object("limits");
  if (object == nullptr) return;
  Fields limits(*object, "limits.");
  made.per_request_minor = limits.amount("perRequest", currency);
  made.per_day_minor = limits.amount("perDay", currency);
  if (*made.per_request_minor > *made.per_day_minor && !limits.has_error("perDay"))
    limits.add_error("perDay", "out_of_range", "perDay must be at least perRequest.");
  limits.finish_into(errors);
}

void read_expiry(Fields& fields, NewAccount& made) {
  made.expires_us = fields.optional_time("expiresAt");
  const std::int64_t now = now_us();
  if (made.expires_us &&
      (*made.expires_us <= now || *made.expires_us > now + kServiceAccountLifeMax_us))
    fields.add_error("expiresAt", "out_of_range", std::string(kExpiryRule));
}

Result<NewAccount> read_account(const Json& body, bool of_wallet, Currency currency) {
  Fields fields(body);
  FieldErrors errors;
  NewAccount made;
  made.name =
      fields.text("name", {.max_chars = kServiceAccountNameMax_chars, .kind = TextKind::name});
  made.password = fields.secret("password");
  read_scopes(fields, of_wallet ? kWalletScopes : kPlatformScopes, made.scopes);
  read_limits(fields, currency, made, errors);
  read_expiry(fields, made);
  made.credential = read_new_credential(fields);
  fields.finish_into(errors);
  if (!errors.empty()) return fail(validation_error(std::move(errors)));
  return made;
}

pg::Params params_of(const NewAccount& made, ServiceOwner owner, const net::Principal& who) {
  pg::Params params;
  params.add(made.id).add(owner).add(who.user_id).add(made.name).add_array(names_of(made.scopes));
  params.add(made.per_request_minor).add(made.per_day_minor);
  params.add(made.per_request_minor && who.factors.enrolled);  // shown just now
  params.add_optional_time(made.expires_us).add(made.credential.id);
  add_credential(params, made.credential);
  return params;
}

// Of an account of the platform, for the operators' log.
std::string change_of(const NewAccount& made) {
  std::string text = R"("serviceAccount":)";
  JsonWriter json(text);
  json.begin_object().key("before").null().key("after").begin_object();
  json.field("name", made.name).field("scopes", format(made.scopes)).end_object().end_object();
  return text;
}

}  // namespace

net::Reply create_service_account(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  const ServiceOwner owner = service_owner(request);
  auto made = read_account(*body, owner.has_value(), service.config.currency);
  if (!made) co_return fail(std::move(made.error()));
  if (auto proven = co_await prove_owner(service, request, std::move(made->password)); !proven)
    co_return fail(std::move(proven.error()));
  auto done = co_await change_service_account(
      service, request, made->id, queries::user::create_service_account,
      params_of(*made, owner, *request.principal), change_of(*made));
  if (!done && done.error().code == Code::service_account_not_found)
    co_return fail(Code::account_frozen, "While your account is frozen nothing new may use it.");
  if (!done) co_return fail(std::move(done.error()));
  co_return co_await service_account_answer(service, request, 201, made->id,
                                            made->credential.secret);
}

}  // namespace instapay::user
