#include "queries/user.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

// Whether there was one or not: it is told nothing any more.
net::Reply remove_push_subscription(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const auto removed =
      co_await service.db.query(queries::user::remove_push_subscription,
                                pg::Params().add(request.principal->user_id).add(*id));
  if (!removed) co_return fail(pg::to_error(removed.error()));
  co_return net::Response::no_content();
}

}  // namespace instapay::user
