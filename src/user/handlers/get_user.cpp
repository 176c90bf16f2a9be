#include "user/handlers/handlers.h"

namespace instapay::user {

net::Reply get_user(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto user = co_await find_user(service.db, *id);
  if (!user) co_return fail(std::move(user.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  const auto& who = *request.principal;
  write_for(json, *user, who.user_id == user->id || who.is_staff(), service.config.currency);
  co_return response;
}

}  // namespace instapay::user
