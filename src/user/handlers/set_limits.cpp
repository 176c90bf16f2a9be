#include "core/fields.h"
#include "core/limits.h"
#include "core/time.h"
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
  const std::string reason =
      fields.optional_text("reason", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  if (request.principal->user_id == *id)
    co_return fail(Code::forbidden, "Your own limits are set by another operator.");
  if (auto proven = require_step_up(request.principal->factors, now_us() / kSecond_us); !proven)
    co_return fail(std::move(proven.error()));
  if (auto user = co_await find_user(service.db, *id); !user)
    co_return fail(std::move(user.error()));
  const auto limit = [](std::optional<std::int64_t> minor) {
    return minor ? std::optional(ledger::Amount{*minor}) : std::nullopt;
  };
  ledger::Order order;
  order.payer = {*id};
  order.kind = ledger::EntryKind::control;
  order.actor = request.principal->user_id;
  order.note = reason;
  order.control.limits = ledger::OwnLimits{limit(per_transfer), limit(per_day)};
  const auto outcome = co_await service.ledger.submit(std::move(order));
  if (!outcome) co_return fail(ledger::to_error(outcome.error(), service.config.currency));

  auto rows = co_await service.db.query(queries::user::find_limits, limits_params(*id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  co_return limits_answer(service.config, *rows);
}

}  // namespace instapay::user
