#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"

namespace instapay::transaction {

net::Reply cancel_mandate(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const net::Principal& principal = *request.principal;
  co_return co_await change_mandate(service, principal, *id, queries::transaction::cancel_mandate,
                                    pg::Params().add(*id).add(principal.user_id),
                                    MandateState::cancelled, &Mandate::is_side);
}

}  // namespace instapay::transaction
