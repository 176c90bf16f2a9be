#include "core/time.h"
#include "queries.h"
#include "reporting/handlers/handlers.h"
#include "reporting/range.h"

namespace instapay::reporting {
namespace {

constexpr std::int64_t kActive_us = 30 * kDay_us;

void write_optional_amount(JsonWriter& json, std::string_view name, const pg::Rows& rows, int row,
                           int column, Currency currency) {
  json.key(name);
  if (rows.is_null(row, column)) {
    json.null();
  } else {
    json.amount(rows.int64(row, column), currency);
  }
}

// Rows come only for periods in which something happened.
void write_series(JsonWriter& json, const pg::Rows& rows, const Range& range, Currency currency) {
  std::vector<int> row_of(range.periods_us.size(), -1);
  for (int i = 0; i < rows.size(); ++i) row_of.at(static_cast<std::size_t>(rows.int64(i, 0))) = i;
  json.key("series").begin_array();
  for (std::size_t i = 0; i < row_of.size(); ++i) {
    const int row = row_of[i];
    const auto number = [&](int column) { return row < 0 ? 0 : rows.int64(row, column); };
    json.begin_object().field("periodStart", period_text(range.periods_us[i]));
    json.field("activeUsers", number(1)).field("transactions", number(2));
    json.key("volume").amount(row < 0 ? 0 : rows.total(row, 3), currency);
    // Amounts of nothing: zero keeps a chart's line going.
    json.key("medianAmount").amount(row < 0 || rows.is_null(row, 4) ? 0 : number(4), currency);
    json.key("p95Amount").amount(row < 0 || rows.is_null(row, 5) ? 0 : number(5), currency);
    json.field("newUsers", number(6)).end_object();
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
  auto range = co_await find_range(service, *asked);
  if (!range) co_return fail(std::move(range.error()));

  const std::int64_t as_of_us = now_us();
  const std::int64_t active_since_us = of_all_time ? as_of_us - kActive_us : range->begins_us;
  pg::Params params;
  params.add_time(range->begins_us).add_time(range->ends_us).add_time(active_since_us);
  const auto sums = co_await service.db.query(queries::reporting::sum_system, std::move(params));
  if (!sums) co_return fail(pg::to_error(sums.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("users", sums->int64(0, 0)).field("activeUsers", sums->int64(0, 1));
  json.field("transactions", sums->int64(0, 2)).key("volume").amount(sums->total(0, 3), currency);
  write_optional_amount(json, "medianAmount", *sums, 0, 4, currency);
  write_optional_amount(json, "p95Amount", *sums, 0, 5, currency);
  json.key("moneyInCirculation").amount(sums->total(0, 6), currency);
  json.field("currency", currency.code).key("asOf").time(as_of_us);
  if (!asked->unit.empty()) {
    pg::Params periods;
    periods.add_time(range->begins_us).add_time(range->ends_us).add_time_array(range->periods_us);
    const auto rows =
        co_await service.db.query(queries::reporting::sum_system_periods, std::move(periods));
    if (!rows) co_return fail(pg::to_error(rows.error()));
    write_series(json, *rows, *range, currency);
  }
  json.end_object();
  co_return response;
}

}  // namespace instapay::reporting
