#include "auth/pin.h"
#include "user/factor_change.h"
#include "user/handlers/handlers.h"
#include "user/pins.h"

namespace instapay::user {

net::Reply set_pin(Service& service, net::Request& request) {
  if (auto there_are = require_pins(service.config); !there_are)
    co_return fail(std::move(there_are.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  std::string pin = read_pin(fields, "pin");
  std::string password = fields.secret("password");
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (auth::check_pin(pin))
    co_return fail(Code::pin_too_weak,
                   "This PIN is among those that are tried first; choose another.");
  if (!request.principal->factors.enrolled) co_return no_factor();
  if (auto proven = co_await prove_owner(service, request, std::move(password)); !proven)
    co_return fail(std::move(proven.error()));
  if (auto set = co_await set_own_pin(service, request, std::move(pin)); !set)
    co_return fail(std::move(set.error()));
  co_return co_await get_factors(service, request);
}

}  // namespace instapay::user
