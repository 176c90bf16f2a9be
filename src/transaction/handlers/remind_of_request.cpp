#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {

namespace {

// Why the statement has found nothing to change.
Task<Result<void>> explain_no_reminder(Service& service, AskedPayment asked, Uuid user) {
  if (!asked.is_payee(user))
    co_return fail(Code::forbidden, "Only who asks can remind of the request.");
  if (!asked.payer) co_return fail(Code::forbidden, "A link has nobody to remind.");
  if (auto ended = explain_end(asked.state)) co_return fail(std::move(*ended));
  const auto allowed = co_await service.db.query(
      queries::transaction::may_ask, pg::Params().add(asked.payee.id).add(asked.payer->id));
  if (!allowed) co_return fail(pg::to_error(allowed.error()));
  if (!allowed->boolean(0, 0))
    co_return fail(Code::request_not_allowed, "This person does not take requests from you.");
  co_return fail(Code::reminder_too_soon, "A person is reminded once in " +
                                              std::to_string(kReminderPeriod_hours) + " hours.");
}

}  // namespace

net::Reply remind_of_request(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const net::Principal& principal = *request.principal;
  const auto rows = co_await service.db.query(queries::transaction::remind_of_request,
                                              pg::Params().add(*id).add(principal.user_id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto asked = co_await find_visible_request(service, principal, *id);
  if (!asked) co_return fail(asked.error());
  if (rows->affected() == 0) {
    auto why = co_await explain_no_reminder(service, *asked, principal.user_id);
    if (!why) co_return fail(std::move(why.error()));
  }
  co_return request_answer(200, *asked, principal, service.config.currency);
}

}  // namespace instapay::transaction
