#include "core/time.h"
#include "queries.h"
#include "user/factors.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

// What is absent or null does not ask.
net::Reply set_step_up_rules(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const auto above = fields.optional_amount("above", service.config.currency);
  const bool new_payees = fields.flag("newPayees", false);
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (auto proven = require_step_up(request.principal->factors, now_us() / kSecond_us); !proven)
    co_return fail(std::move(proven.error()));
  pg::Params params;
  params.add(request.principal->user_id).add(above).add(new_payees);
  const auto rows = co_await service.db.query(queries::user::set_step_up_rules, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return no_factor();
  co_await service.revocations.catch_up();
  co_return co_await get_factors(service, request);
}

}  // namespace instapay::user
