#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/pins.h"

namespace instapay::user {

// Asks for nothing: without it less is possible.
net::Reply remove_pin(Service& service, net::Request& request) {
  auto session = net::uuid_param(request, 0);
  if (!session) co_return fail(std::move(session.error()));
  const auto rows = co_await service.db.query(
      queries::user::remove_pin, pg::Params().add(request.principal->user_id).add(*session));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return no_pin();
  co_return net::Response::no_content();
}

}  // namespace instapay::user
