#include "core/fields.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {

net::Reply decline_request(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  auto reason = fields.optional_text("reason", {.min_chars = 0, .max_chars = kNoteMax_chars});
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (reason && reason->empty()) reason.reset();

  const net::Principal& principal = *request.principal;
  pg::Params params;
  params.add(*id).add(principal.user_id).add(reason);
  const auto asked =
      co_await close_request(service, principal, *id, queries::transaction::decline_request,
                             std::move(params), RequestState::declined, &AskedPayment::is_payer);
  if (!asked) co_return fail(asked.error());
  co_return request_answer(200, *asked, principal, service.config.currency);
}

}  // namespace instapay::transaction
