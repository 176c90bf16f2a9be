#include "user/handlers/handlers.h"
#include "user/passkeys.h"
#include "user/second_step.h"

namespace instapay::user {

// Which passkeys somebody has is told to who knows the password.
net::Reply login_factor_options(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  std::string challenge = fields.secret("challenge");
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  const auto challenged = co_await find_challenged(service, std::move(challenge));
  if (!challenged) co_return fail(challenged.error());
  const Uuid& user = challenged->user.id;
  co_return co_await own_assertion_options(
      service, user, auth::ChallengePurpose::second_step(user, challenged->password_hash));
}

}  // namespace instapay::user
