#include "user/handlers/handlers.h"

namespace instapay::user {

net::Reply get_me(Service& service, net::Request& request) {
  auto user = co_await find_me(service.db, request.principal->user_id);
  if (!user) co_return fail(std::move(user.error()));
  // Where nobody can show it, nobody is asked to.
  if (!service.config.sends_mails()) user->email_verified.reset();
  co_return user_response(200, *user, service.config.currency);
}

}  // namespace instapay::user
