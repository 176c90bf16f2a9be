#include "transaction/handlers/handlers.h"
#include "transaction/holds.h"

namespace instapay::transaction {

net::Reply get_hold(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const auto held = co_await find_hold(service, *request.principal, *id);
  if (!held) co_return fail(held.error());
  co_return hold_answer(200, *held, service.config.currency);
}

}  // namespace instapay::transaction
