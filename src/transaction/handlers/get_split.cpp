#include "transaction/handlers/handlers.h"
#include "transaction/splits.h"

namespace instapay::transaction {

net::Reply get_split(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const auto split = co_await find_split(service, *request.principal, *id);
  if (!split) co_return fail(split.error());
  co_return split_answer(200, *split, *request.principal, service.config.currency);
}

}  // namespace instapay::transaction
