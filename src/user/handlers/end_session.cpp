#include "queries.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

net::Reply end_session(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto session_id = net::uuid_param(request, 1, "session_id");
  if (!session_id) co_return fail(std::move(session_id.error()));
  if (auto allowed = require_self_or(Permission::freeze, request, *id); !allowed)
    co_return fail(std::move(allowed.error()));
  auto rows =
      co_await service.db.query(queries::user::end_session, pg::Params().add(*id).add(*session_id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty())
    co_return fail(Code::session_not_found, "There is no such session, or it has ended.");
  co_await service.revocations.catch_up();
  co_return net::Response::no_content();
}

}  // namespace instapay::user
