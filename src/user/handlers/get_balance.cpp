#include "core/time.h"
#include "net/page.h"
#include "queries.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

// The balance now, or right after the last entry at or before a moment; nothing before the first.
net::Reply get_balance(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  net::QueryReader query(request);
  const auto at = query.moment("at");
  if (auto error = query.finish()) co_return fail(std::move(*error));
  if (*id != request.principal->user_id && !request.principal->is_staff())
    co_return fail(Code::forbidden, "You may see only your own balance.");

  // What happened in the very microsecond is in it; a date is its end.
  std::optional<std::int64_t> before_us;
  if (at) before_us = at->is_date ? at->ends_us : at->ends_us + 1;
  auto rows = co_await service.db.query(queries::user::balance_at,
                                        pg::Params().add(*id).add_optional_time(before_us));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");

  const Currency currency = service.config.currency;
  const std::int64_t balance = rows->int64(0, 1), held = rows->int64(0, 2);
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("userId", *id).key("at");
  json.time(before_us ? *before_us - 1 : now_us());
  json.key("balance").amount(balance, currency);
  json.key("held").amount(held, currency).key("available").amount(balance - held, currency);
  json.field("currency", currency.code).end_object();
  co_return response;
}

}  // namespace instapay::user
