#include "user/factor_change.h"

#include "core/time.h"
#include "net/json_body.h"
#include "user/own_password.h"

namespace instapay::user {

// Both: who has found an open session must not lock its owner out, and a stolen password must not
// be enough to get round a factor.
Task<Result<void>> prove_owner(Service& service, const net::Request& request,
                               std::string password) {
  if (auto fresh = require_step_up(request.principal->factors, now_us() / kSecond_us); !fresh)
    co_return fail(std::move(fresh.error()));
  if (auto right = co_await verify_own_password(service, request, std::move(password)); !right)
    co_return fail(std::move(right.error()));
  co_return Result<void>();
}

Task<Result<void>> prove_owner(Service& service, const net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  std::string password = fields.secret("password");
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  co_return co_await prove_owner(service, request, std::move(password));
}

Task<Result<void>> prove_for_factor_change(Service& service, const net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  std::string password = fields.secret("password");
  const std::string code = fields.has("code") ? read_factor_code(fields, "code") : std::string();
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  const net::Principal& who = *request.principal;
  if (code.empty()) {
    if (!who.factors.enrolled) co_return no_factor();
    co_return co_await prove_owner(service, request, std::move(password));
  }
  if (auto right = co_await verify_own_password(service, request, std::move(password)); !right)
    co_return fail(std::move(right.error()));
  if (auto proof = co_await prove_code(service, who.user_id, code); !proof)
    co_return fail(std::move(proof.error()));
  co_return Result<void>();
}

}  // namespace instapay::user
