#include "core/limits.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/sessions.h"

namespace instapay::user {
net::Reply list_sessions(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  if (auto allowed = require_self_or(Permission::freeze, request, *id); !allowed)
    co_return fail(std::move(allowed.error()));
  auto rows = co_await service.db.query(queries::user::list_sessions,
                                        pg::Params().add(*id).add(kSessionsPerUserMax));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty())  // an empty list is only for those who exist
    if (auto user = co_await find_user(service.db, *id); !user)
      co_return fail(std::move(user.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  for (const auto& session : *rows)
    write_session(json, session, session.id == request.principal->session_id);
  json.end_array().end_object();
  co_return response;
}

}  // namespace instapay::user
