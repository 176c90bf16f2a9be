#include "ledger/store/pg_prelude.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/mails.h"

namespace instapay::user {
namespace {

constexpr std::string_view kChanged = "changed_meanwhile";

// The link is used up, the address verified, and the opening grant, if it waited for that, is made:
// all or nothing.
Task<Result<void>> verify(Service& service, const auth::TokenHash& token, const Uuid& user,
                          bool grant_due) {
  pg::Params params;
  params.add_bytes(token).add(grant_due);
  const std::int64_t grant_minor = service.config.opening_balance_minor;
  if (!grant_due || grant_minor == 0) {
    const auto done = co_await service.db.query(queries::user::verify_email, std::move(params));
    if (done) co_return Result<void>();
    if (done.error().constraint == kChanged) co_return link_invalid();
    co_return fail(pg::to_error(done.error()));
  }
  auto submission = std::make_unique<ledger::Submission>();
  submission->prelude =
      std::make_unique<ledger::PgPrelude>(queries::user::verify_email, std::move(params));
  submission->orders.push_back(opening_grant(user, grant_minor));
  const auto outcomes = co_await service.ledger.submit(std::move(submission));
  const auto& outcome = outcomes.front();
  if (outcome) co_return Result<void>();
  if (outcome.error().constraint == kChanged) co_return link_invalid();
  co_return fail(ledger::to_error(outcome.error(), service.config.currency));
}

}  // namespace

net::Reply verify_email(Service& service, net::Request& request) {
  const auto token = read_link_token(request);
  if (!token) co_return fail(token.error());
  const auto found =
      co_await service.db.query(queries::user::find_verification, pg::Params().add_bytes(*token));
  if (!found) co_return fail(pg::to_error(found.error()));
  if (found->empty()) co_return link_invalid();
  auto verified = co_await verify(service, *token, found->uuid(0, 0), found->boolean(0, 2));
  if (!verified) co_return fail(std::move(verified.error()));
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("email", found->text(0, 1)).field("emailVerified", true);
  json.end_object();
  co_return response;
}

}  // namespace instapay::user
