#include "auth/pin.h"
#include "core/time.h"
#include "user/factors.h"
#include "user/handlers/handlers.h"
#include "user/own_password.h"
#include "user/pins.h"

namespace instapay::user {
namespace {

// A passkey is two factors by itself; beside another one the password is asked for, or who has
// found an open session would set a PIN of their own.
Task<Result<void>> prove(Service& service, const net::Request& request, std::string password) {
  const FactorState& factors = request.principal->factors;
  if (!factors.enrolled) co_return no_factor();
  if (auto fresh = require_step_up(factors, now_us() / kSecond_us); !fresh)
    co_return fail(std::move(fresh.error()));
  if (factors.proven_by == Factor::passkey) co_return Result<void>();
  if (auto right = co_await verify_own_password(service, request, std::move(password)); !right)
    co_return fail(std::move(right.error()));
  co_return Result<void>();
}

}  // namespace

net::Reply set_pin(Service& service, net::Request& request) {
  if (auto there_are = require_pins(service.config); !there_are)
    co_return fail(std::move(there_are.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  const FactorState& factors = request.principal->factors;
  const bool by_passkey =
      factors.proven_by == Factor::passkey && !factors.needs_proof(now_us() / kSecond_us);
  Fields fields(*body);
  std::string pin = read_pin(fields, "pin");
  std::string password = fields.has("password") || (factors.enrolled && !by_passkey)
                             ? fields.secret("password")
                             : std::string();
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (auth::check_pin(pin))
    co_return fail(Code::pin_too_weak,
                   "This PIN is among those that are tried first; choose another.");
  if (auto proven = co_await prove(service, request, std::move(password)); !proven)
    co_return fail(std::move(proven.error()));
  if (auto set = co_await set_own_pin(service, request, std::move(pin)); !set)
    co_return fail(std::move(set.error()));
  co_return co_await get_factors(service, request);
}

}  // namespace instapay::user
