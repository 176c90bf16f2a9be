#include "core/time.h"
#include "queries.h"
#include "reporting/handlers/handlers.h"
#include "reporting/range.h"
#include "reporting/roll_up/activity.h"
#include "reporting/roll_up/cover.h"
#include "reporting/roll_up/question.h"

namespace instapay::reporting {
namespace {

constexpr std::int64_t kActive_us = 30 * kDay_us;

void write_series(JsonWriter& json, const Activity& activity, const Range& range,
                  Currency currency) {
  json.key("series").begin_array();
  for (std::size_t i = 0; i < range.periods_us.size(); ++i) {
    const Figures& figures = activity.periods.at(i);
    json.begin_object().field("periodStart", period_text(range.periods_us[i]));
    json.field("activeUsers", figures.active_users);
    json.field("transactions", figures.transfers.count);
    json.key("volume").amount(figures.transfers.amount_minor, currency);
    // Amounts of nothing: zero keeps a chart's line going.
    json.key("medianAmount").amount(figures.median.value_or(0), currency);
    json.key("p95Amount").amount(figures.p95.value_or(0), currency);
    json.field("newUsers", figures.new_users).end_object();
  }
  json.end_array();
}

}  // namespace

net::Reply report_system(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  net::QueryReader query(request);
  auto asked = co_await read_range(service, request, query, Periods::on_request);
  if (!asked) co_return fail(std::move(asked.error()));
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const bool of_all_time = !asked->start && !asked->end && asked->unit.empty();
  if (!asked->start && asked->unit.empty()) asked->start = net::Moment{};
  Reading reading(service.reads);
  auto range = co_await find_range(reading, *asked);
  if (!range) co_return fail(std::move(range.error()));

  std::vector<std::int64_t> cuts = cuts_of(*range);
  std::size_t active_from = 0;
  if (of_all_time) {
    const std::int64_t unit_us = kBucketMinutes.front() * kMinute_us;
    cuts.insert(cuts.begin() + 1, floor_to(now_us() - kActive_us, unit_us));
    active_from = 1;
  }
  const auto users = co_await reading.query(queries::reporting::count_users);
  if (!users) co_return fail(pg::to_error(users.error()));
  const auto rows = co_await reading.query(queries::reporting::list_transfers, facts_between(cuts));
  if (!rows) co_return fail(report_error(rows.error(), kNarrowRange));
  auto activity = add_up(*rows, cuts.size() - 1, active_from);
  if (!activity) co_return fail(Code::internal_error, "The roll-ups are not readable.");

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  const Figures& whole = activity->whole;
  json.begin_object().field("users", users->int64(0, 0)).field("activeUsers", whole.active_users);
  json.field("transactions", whole.transfers.count);
  json.key("volume").amount(whole.transfers.amount_minor, currency);
  json.key("medianAmount").amount_or_null(whole.median, currency);
  json.key("p95Amount").amount_or_null(whole.p95, currency);
  json.key("moneyInCirculation").amount(users->total(0, 1), currency);
  json.field("currency", currency.code);
  if (!asked->unit.empty()) {
    pg::Params periods;
    periods.add_time(range->begins_us).add_time(range->ends_us);
    periods.add_time_array(std::span(cuts).first(cuts.size() - 1));
    const auto arrivals =
        co_await reading.query(queries::reporting::count_arrivals, std::move(periods));
    if (!arrivals) co_return fail(pg::to_error(arrivals.error()));
    for (int i = 0; i < arrivals->size(); ++i)
      activity->periods.at(static_cast<std::size_t>(arrivals->int64(i, 0))).new_users =
          arrivals->int64(i, 1);
    write_series(json, *activity, *range, currency);
  }
  json.key("asOf").time(reading.as_of_us()).end_object();
  co_return response;
}

}  // namespace instapay::reporting
