#include "core/time.h"
#include "queries.h"
#include "user/factors.h"
#include "user/handlers/handlers.h"
#include "user/pins.h"

namespace instapay::user {
namespace {

std::optional<std::int64_t> read_limit(Fields& fields, std::string_view name,
                                       std::int64_t most_minor, Currency currency) {
  const auto limit = fields.optional_amount(name, currency);
  if (limit && *limit > most_minor && !fields.has_error(name))
    fields.add_error(name, "out_of_range",
                     "This is at most " + format_amount(most_minor, currency) + " here.");
  return limit;
}

}  // namespace

// What is absent or null is as the platform has it.
net::Reply set_pin_limits(Service& service, net::Request& request) {
  const Config& config = service.config;
  if (auto there_are = require_pins(config); !there_are)
    co_return fail(std::move(there_are.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const auto per_payment =
      read_limit(fields, "perPayment", config.pin_payment_limit_minor, config.currency);
  const auto per_day = read_limit(fields, "perDay", config.pin_daily_limit_minor, config.currency);
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (auto proven = require_step_up(request.principal->factors, now_us() / kSecond_us); !proven)
    co_return fail(std::move(proven.error()));
  pg::Params params;
  params.add(request.principal->user_id).add(per_payment).add(per_day);
  const auto rows = co_await service.db.query(queries::user::set_pin_limits, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return no_factor();
  co_await service.revocations.catch_up();
  co_return co_await get_factors(service, request);
}

}  // namespace instapay::user
