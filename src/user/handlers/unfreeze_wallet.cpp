#include "core/fields.h"
#include "core/time.h"
#include "user/handlers/handlers.h"
#include "user/own_password.h"
#include "user/own_wallet.h"

namespace instapay::user {
namespace {

// Who has a second factor shows that; who has none, the password once more.
Task<Result<void>> prove(Service& service, const net::Request& request, const Json& body) {
  const FactorState& factors = request.principal->factors;
  Fields fields(body);
  std::string password =
      fields.has("password") || !factors.enrolled ? fields.secret("password") : std::string();
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (factors.enrolled) co_return require_step_up(factors, now_us() / kSecond_us);
  if (auto right = co_await verify_own_password(service, request, std::move(password)); !right)
    co_return fail(std::move(right.error()));
  co_return Result<void>();
}

}  // namespace

net::Reply unfreeze_wallet(Service& service, net::Request& request) {
  const auto body = net::json_body(request);
  if (!body) co_return fail(body.error());
  if (auto proven = co_await prove(service, request, *body); !proven)
    co_return fail(std::move(proven.error()));
  if (auto done = co_await unfreeze_own_wallet(service, request); !done)
    co_return fail(std::move(done.error()));
  co_return co_await get_me(service, request);
}

}  // namespace instapay::user
