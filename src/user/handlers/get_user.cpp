#include "user/handlers/handlers.h"
#include "user/lookup.h"

namespace instapay::user {

net::Reply get_user(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto user = co_await find_user(service.db, *id);
  if (!user) co_return fail(std::move(user.error()));
  const auto& who = *request.principal;
  co_return co_await lookup_answer(service, who, *user, who.is_staff());
}

}  // namespace instapay::user
