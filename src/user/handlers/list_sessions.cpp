#include "core/limits.h"
#include "queries.h"
#include "user/handlers/handlers.h"

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
  for (int i = 0; i < rows->size(); ++i) {
    const Uuid session_id = rows->uuid(i, 0);
    json.begin_object().field("id", session_id);
    json.field_or_null("userAgent", rows->text(i, 1));
    json.field_or_null("address", rows->text(i, 2));
    json.key("createdAt").time(rows->time_us(i, 3));
    json.key("lastUsedAt").time(rows->time_us(i, 4));
    json.key("expiresAt").time(rows->time_us(i, 5));
    json.field_or_null("factor", rows->text(i, 6));
    json.key("factorAt").time_or_null(rows->optional_time_us(i, 7));
    json.field("current", session_id == request.principal->session_id).end_object();
  }
  json.end_array().end_object();
  co_return response;
}

}  // namespace instapay::user
