#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"

namespace instapay::transaction {

net::Reply get_draw(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const auto draw = co_await find_draw(service, *request.principal, *id);
  if (!draw) co_return fail(draw.error());
  co_return draw_answer(200, draw->front(), *request.principal, service.config.currency);
}

}  // namespace instapay::transaction
