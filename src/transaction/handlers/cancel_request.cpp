#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {

net::Reply cancel_request(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const net::Principal& principal = *request.principal;
  pg::Params params;
  params.add(*id).add(principal.user_id);
  const auto asked =
      co_await close_request(service, principal, *id, queries::transaction::cancel_request,
                             std::move(params), RequestState::cancelled, &AskedPayment::is_payee);
  if (!asked) co_return fail(asked.error());
  co_return request_answer(200, *asked, principal, service.config.currency);
}

}  // namespace instapay::transaction
