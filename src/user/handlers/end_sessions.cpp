#include "ledger/store/durable.h"
#include "queries.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

net::Reply end_sessions(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  if (auto allowed = require_self_or(Permission::freeze, request, *id); !allowed)
    co_return fail(std::move(allowed.error()));
  if (auto user = co_await find_user(service.db, *id); !user)
    co_return fail(std::move(user.error()));

  pg::Params params;
  params.add(*id).add_null();  // none to keep
  auto rows = co_await service.db.query(queries::user::end_sessions, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty())
    if (auto durable = co_await ledger::until_durable(service.db); !durable)
      co_return fail(std::move(durable.error()));
  co_await service.revocations.catch_up();
  co_return net::Response::no_content();
}

}  // namespace instapay::user
