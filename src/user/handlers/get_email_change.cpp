#include "queries.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

net::Reply get_email_change(Service& service, net::Request& request) {
  const auto rows = co_await service.db.query(queries::user::find_email_change,
                                              pg::Params().add(request.principal->user_id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("pending");
  if (rows->empty()) {
    json.null();
  } else {
    json.begin_object().field("email", rows->front().address);
    json.key("expiresAt").time(rows->front().expires_at).end_object();
  }
  json.end_object();
  co_return response;
}

}  // namespace instapay::user
