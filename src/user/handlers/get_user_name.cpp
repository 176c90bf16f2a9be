#include "user/handlers/handlers.h"

namespace instapay::user {

// Who a payment link names, for those who open it before they sign in. Only by id, which cannot be
// guessed.
net::Reply get_user_name(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto user = co_await find_user(service.db, *id);
  if (!user) co_return fail(std::move(user.error()));
  if (user->status == ledger::AccountStatus::closed)
    co_return fail(Code::user_not_found, "There is no such user.");
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("id", user->id).field("username", user->username);
  json.field("displayName", user->display_name).end_object();
  co_return response;
}

}  // namespace instapay::user
