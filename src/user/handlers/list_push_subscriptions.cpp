#include "push/vapid.h"
#include "user/handlers/handlers.h"
#include "user/push_subscriptions.h"

namespace instapay::user {

net::Reply list_push_subscriptions(Service& service, net::Request& request) {
  const net::Principal& who = *request.principal;
  const auto rows = co_await service.db.query(queries::user::list_push_subscriptions,
                                              pg::Params().add(who.user_id).add(kPushDevicesMax));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  json.field_or_null("publicKey",
                     service.config.push_hosts.empty() ? "" : service.vapid.public_key());
  json.key("data").begin_array();
  for (const auto& row : *rows) write_push_subscription(json, row, who.session_id);
  json.end_array().end_object();
  co_return response;
}

}  // namespace instapay::user
