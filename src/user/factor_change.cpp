#include "user/factor_change.h"

#include "net/json_body.h"
#include "user/own_password.h"

namespace instapay::user {

Task<Result<Factor>> prove_for_factor_change(Service& service, const net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  std::string password = fields.secret("password");
  const std::string code = read_factor_code(fields, "code");
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (auto right = co_await verify_own_password(service, request, std::move(password)); !right)
    co_return fail(std::move(right.error()));
  co_return co_await prove_factor(service, request.principal->user_id, code);
}

}  // namespace instapay::user
