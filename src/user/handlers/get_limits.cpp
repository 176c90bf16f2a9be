#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/limits_answer.h"

namespace instapay::user {

net::Reply get_limits(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  if (*id != request.principal->user_id && !request.principal->is_staff())
    co_return fail(Code::forbidden, "You may see only your own limits.");
  auto rows = co_await service.db.query(queries::user::find_limits, limits_params(*id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  co_return limits_answer(service.config, *rows);
}

}  // namespace instapay::user
