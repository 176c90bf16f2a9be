#include "user/handlers/handlers.h"
#include "user/passkeys.h"

namespace instapay::user {

net::Reply step_up_options(Service& service, net::Request& request) {
  const net::Principal& who = *request.principal;
  co_return co_await own_assertion_options(
      service, who.user_id, auth::ChallengePurpose::step_up(who.user_id, who.session_id));
}

}  // namespace instapay::user
