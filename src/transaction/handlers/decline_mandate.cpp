#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"

namespace instapay::transaction {

net::Reply decline_mandate(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const net::Principal& payer = *request.principal;
  co_return co_await change_mandate(service, payer, *id, queries::transaction::decline_mandate,
                                    pg::Params().add(*id).add(payer.user_id),
                                    MandateState::declined, &Mandate::is_payer);
}

}  // namespace instapay::transaction
