#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/rules.h"

namespace instapay::user {

net::Reply get_user_by_username(Service& service, net::Request& request) {
  const auto username = normalize_username(request.params.front());
  if (!username) co_return fail(Code::user_not_found, "Nobody has this username.");
  auto rows =
      co_await service.db.query(queries::user::find_user_by_username, pg::Params().add(*username));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "Nobody has this username.");

  const User user = read_user(*rows, 0);
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  const auto& who = *request.principal;
  write_for(json, user, who.user_id == user.id || who.is_operator(), service.config.currency);
  co_return response;
}

}  // namespace instapay::user
