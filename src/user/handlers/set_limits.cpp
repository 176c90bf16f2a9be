#include "core/fields.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/limits_answer.h"

namespace instapay::user {

// What is absent or null is the platform's again.
net::Reply set_limits(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const auto per_transfer = fields.optional_amount("perTransfer", service.config.currency);
  const auto per_day = fields.optional_amount("perDay", service.config.currency);
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  auto rows = co_await service.db.query(queries::user::set_limits,
                                        pg::Params().add(*id).add(per_transfer).add(per_day));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  co_return limits_answer(service.config, *rows);
}

}  // namespace instapay::user
