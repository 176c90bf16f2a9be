#include "core/time.h"
#include "ledger/store/durable.h"
#include "ledger/store/pg_prelude.h"
#include "mail/outbox.h"
#include "queries.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"
#include "user/mails.h"
#include "user/rules.h"

namespace instapay::user {
namespace {

struct Registration {
  User user;
  std::string password;
  std::optional<std::string> language;
};

Result<Registration> read_registration(const Json& body) {
  Fields fields(body);
  Registration registration;
  User& user = registration.user;
  user.username = read_username(fields, "username");
  user.email = read_email(fields, "email");
  user.display_name = read_display_name(fields, "displayName").value_or(user.username);
  registration.language = read_language(fields);
  registration.password = read_new_password(fields, "password", own_words(user));
  if (auto error = fields.finish()) return fail(std::move(*error));
  return registration;
}

std::unexpected<Error> username_taken() {
  Error error{Code::username_taken, std::string(kUsernameTaken)};
  error.fields.push_back({"username", "username_taken", error.detail});
  return fail(std::move(error));
}

// Spares the slow hash; the unique constraints decide.
Task<Result<void>> refuse_taken(Service& service, const User& user) {
  auto rows = co_await service.db.query(queries::user::find_taken,
                                        pg::Params().add(user.email).add(user.username));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->boolean(0, 0)) co_return email_taken();
  if (rows->boolean(0, 1)) co_return username_taken();
  co_return Result<void>();
}

pg::Params insert_params(const Service& service, const Registration& registration,
                         const std::string& password_hash) {
  const User& user = registration.user;
  pg::Params params;
  params.add(user.id).add(user.username).add(user.email).add(user.display_name);
  params.add(password_hash).add(name_of(user.role)).add_time(user.created_us);
  params.add(registration.language).add(service.config.sends_mails()).add(mail::kVerifyLink_s);
  params.add(service.config.grants_after_verification);
  return params;
}

Result<void> explain(std::string_view constraint, Error otherwise) {
  if (constraint == kEmailConstraint) return email_taken();
  if (constraint == "users_username_key" || constraint == kReservedConstraint)
    return username_taken();
  return fail(std::move(otherwise));
}

// User, wallet and opening grant come into being together or not at all; the grant later where it
// waits for the address to be verified.
Task<Result<void>> create(Service& service, Registration& registration,
                          const std::string& password_hash) {
  User& user = registration.user;
  const Config& config = service.config;
  const std::int64_t grant_minor =
      config.grants_after_verification ? 0 : config.opening_balance_minor;
  if (grant_minor == 0) {
    auto rows = co_await service.db.query(queries::user::register_user,
                                          insert_params(service, registration, password_hash));
    if (!rows) co_return explain(rows.error().constraint, pg::to_error(rows.error()));
    co_return Result<void>();
  }
  auto submission = std::make_unique<ledger::Submission>();
  submission->prelude = std::make_unique<ledger::PgPrelude>(
      queries::user::register_user, insert_params(service, registration, password_hash));
  submission->orders.push_back(opening_grant(user.id, grant_minor));
  const auto outcomes = co_await service.ledger.submit(std::move(submission));
  const auto& outcome = outcomes.front();
  if (!outcome)
    co_return explain(outcome.error().constraint,
                      ledger::to_error(outcome.error(), service.config.currency));
  user.balance_minor = outcome->payee_side.balance.minor;
  co_return Result<void>();
}

// Who repeats a registration whose outcome was unknown takes "taken" for a yes, so it is told once
// what it was read from is on the standby too.
Task<Error> once_durable(Service& service, Error error) {
  if (error.code == Code::email_taken || error.code == Code::username_taken)
    if (auto durable = co_await ledger::until_durable(service.db); !durable)
      co_return std::move(durable.error());
  co_return error;
}

}  // namespace

net::Reply register_user(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto registration = read_registration(*body);
  if (!registration) co_return fail(std::move(registration.error()));
  User& user = registration->user;
  if (auto free = co_await refuse_taken(service, user); !free)
    co_return fail(co_await once_durable(service, std::move(free.error())));

  auto hash = co_await service.passwords.hash(std::move(registration->password));
  if (!hash) co_return fail(std::move(hash.error()));
  user.created_us = user.updated_us = now_us();
  user.id = Uuid::v7(user.created_us);
  if (auto created = co_await create(service, *registration, *hash); !created)
    co_return fail(co_await once_durable(service, std::move(created.error())));

  net::Response response = user_response(201, user, service.config.currency);
  response.header("Location", "/api/users/" + user.id.to_string());
  co_return response;
}

}  // namespace instapay::user
