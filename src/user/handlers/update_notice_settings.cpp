#include "user/handlers/handlers.h"
#include "user/mails.h"
#include "user/notice_settings.h"

namespace instapay::user {
namespace {

// Absent or null: as it is.
std::optional<bool> optional_flag(Fields& fields, const Json& body, std::string_view name) {
  const bool on = fields.flag(name, false);
  const Json* given = body.find(name);
  if (given == nullptr || given->kind == Json::Kind::null) return std::nullopt;
  return on;
}

}  // namespace

// What is absent stays; an amount of null turns its mails off.
net::Reply update_notice_settings(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const bool sets_amount = fields.has("largePaymentFrom");
  const auto amount = fields.optional_amount("largePaymentFrom", service.config.currency);
  const auto money_in = optional_flag(fields, *body, "moneyIn");
  const auto requests = optional_flag(fields, *body, "requests");
  const auto summary = optional_flag(fields, *body, "dailySummary");
  const auto push_money = optional_flag(fields, *body, "pushMoney");
  const auto push_requests = optional_flag(fields, *body, "pushRequests");
  const auto push_planned = optional_flag(fields, *body, "pushPlanned");
  const auto push_amounts = optional_flag(fields, *body, "pushAmounts");
  const auto zone = fields.optional_text("timeZone", {.max_chars = 64});
  if (zone && !fields.has_error("timeZone")) {
    const auto known = co_await service.zones.known(*zone);
    if (!known) co_return fail(known.error());
    if (!*known)
      fields.add_error("timeZone", "not_allowed",
                       "timeZone must be a name of the IANA database, such as Africa/Cairo.");
  }
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  const bool wants_mail =
      amount || money_in.value_or(false) || requests.value_or(false) || summary.value_or(false);
  if (wants_mail)
    if (auto sent = require_mail(service); !sent) co_return fail(std::move(sent.error()));
  pg::Params params;
  params.add(request.principal->user_id).add(sets_amount).add(amount);
  params.add(money_in).add(requests).add(summary).add(zone);
  params.add(push_money).add(push_requests).add(push_planned).add(push_amounts);
  const auto rows =
      co_await service.db.query(queries::user::set_notice_settings, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  co_return notice_settings_answer(rows->front(), service.config);
}

}  // namespace instapay::user
