#include "core/fields.h"
#include "core/limits.h"
#include "core/time.h"
#include "user/erasure.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

net::Reply erase_user(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const std::string reason = fields.text("reason", {.max_chars = kNoteMax_chars});
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (auto proven = require_step_up(request.principal->factors, now_us() / kSecond_us); !proven)
    co_return fail(std::move(proven.error()));
  auto erased = co_await erase_user(service.db, service.ledger, service.config.currency,
                                    id->to_string(), request.principal->user_id, reason);
  if (!erased) co_return fail(std::move(erased.error()));
  auto user = co_await find_user(service.db, *erased);
  if (!user) co_return fail(std::move(user.error()));
  co_return user_response(200, *user, service.config.currency);
}

}  // namespace instapay::user
