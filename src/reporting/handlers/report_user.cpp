#include "core/csv.h"
#include "queries.h"
#include "reporting/format.h"
#include "reporting/handlers/handlers.h"
#include "reporting/range.h"
#include "reporting/sums.h"

namespace instapay::reporting {
namespace {

struct Flow {
  Sum in, out;

  Flow& operator+=(const Flow& other) {
    in += other.in;
    out += other.out;
    return *this;
  }
  Total net_minor() const { return in.amount_minor - out.amount_minor; }
  std::int64_t count() const { return in.count + out.count; }
};

struct Report {
  Flow totals;
  std::vector<Flow> series;
};

Report add_up(const pg::Rows& rows, std::size_t periods) {
  Report report{{}, std::vector<Flow>(periods)};
  for (int i = 0; i < rows.size(); ++i) {
    const Flow flow{{rows.int64(i, 1), rows.total(i, 2)}, {rows.int64(i, 3), rows.total(i, 4)}};
    report.totals += flow;
    report.series.at(static_cast<std::size_t>(rows.int64(i, 0))) += flow;
  }
  return report;
}

void write_series(JsonWriter& json, const Report& report, const Range& range, Currency currency) {
  json.key("series").begin_array();
  for (std::size_t i = 0; i < report.series.size(); ++i) {
    const Flow& flow = report.series[i];
    json.begin_object().field("periodStart", period_text(range.periods_us[i]));
    json.key("in").amount(flow.in.amount_minor, currency);
    json.key("out").amount(flow.out.amount_minor, currency);
    json.key("net").amount(flow.net_minor(), currency);
    json.field("count", flow.count()).end_object();
  }
  json.end_array();
}

void write_counterparties(JsonWriter& json, const pg::Rows& rows, Currency currency) {
  json.key("topCounterparties").begin_array();
  for (int i = 0; i < rows.size(); ++i) {
    json.begin_object().field("id", rows.uuid(i, 0)).field("username", rows.text(i, 1));
    json.field("displayName", rows.text(i, 2)).field("count", rows.int64(i, 3));
    json.key("in").amount(rows.total(i, 4), currency);
    json.key("out").amount(rows.total(i, 5), currency).end_object();
  }
  json.end_array();
}

std::string to_json(const Uuid& user, const Report& report, const pg::Rows& balances,
                    const pg::Rows& counterparties, const RangeQuery& query, const Range& range,
                    std::int64_t as_of_us, Currency currency) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("userId", user);
  json.field("startDate", range.start).field("endDate", range.end);
  json.field("tz", query.tz).field("groupBy", range.unit).field("currency", currency.code);
  json.key("asOf").time(as_of_us);
  json.key("openingBalance").amount(balances.int64(0, 0), currency);
  json.key("closingBalance").amount(balances.int64(0, 1), currency);
  json.key("in").begin_object();
  write_sum(json, report.totals.in, currency);
  json.end_object().key("out").begin_object();
  write_sum(json, report.totals.out, currency);
  json.end_object().key("net").amount(report.totals.net_minor(), currency);
  write_series(json, report, range, currency);
  write_counterparties(json, counterparties, currency);
  json.end_object();
  return body;
}

net::Response to_csv(std::string_view username, const Report& report, const Range& range,
                     std::int64_t as_of_us, Currency currency) {
  net::Response response = csv_response(username, range.start, range.end, as_of_us);
  CsvWriter csv(response.body);
  for (const auto* name : {"periodStart", "in", "out", "net", "count"}) csv.plain(name);
  csv.end_row();
  for (std::size_t i = 0; i < report.series.size(); ++i) {
    const Flow& flow = report.series[i];
    csv.plain(period_text(range.periods_us[i]));
    csv.amount(flow.in.amount_minor, currency).amount(flow.out.amount_minor, currency);
    csv.amount(flow.net_minor(), currency).number(flow.count()).end_row();
  }
  return response;
}

pg::Params entries_of(const Uuid& user, const Range& range) {
  pg::Params params;
  params.add(user).add_time(range.begins_us).add_time(range.ends_us);
  return params;
}

}  // namespace

net::Reply report_user(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto user = net::uuid_param(request, 0, "user_id");
  if (!user) co_return fail(std::move(user.error()));
  if (*user != request.principal->user_id && !request.principal->is_staff())
    co_return fail(Code::forbidden, "You may see only your own report.");
  net::QueryReader query(request);
  const auto format = read_format(request, query);
  auto asked = co_await read_range(service, request, query, Periods::always);
  if (!asked) co_return fail(std::move(asked.error()));
  if (auto error = query.finish()) co_return fail(std::move(*error));
  if (!format) co_return not_acceptable();

  // Somebody who has just come is known, whatever a standby has heard of them.
  const auto known =
      co_await service.db.query(queries::reporting::find_user, pg::Params().add(*user));
  if (!known) co_return fail(pg::to_error(known.error()));
  if (known->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  Reading reading(service.reads);
  auto range = co_await find_range(reading, *asked);
  if (!range) co_return fail(std::move(range.error()));

  pg::Params params = entries_of(*user, *range);
  params.add_time_array(range->periods_us);
  const auto sums = co_await reading.query(queries::reporting::sum_entries, std::move(params));
  if (!sums) co_return fail(pg::to_error(sums.error(), kNarrowRange));
  const Report report = add_up(*sums, range->periods_us.size());
  if (*format == Format::csv)
    co_return to_csv(known->text(0, 0), report, *range, reading.as_of_us(), currency);

  const auto ranked =
      co_await reading.query(queries::reporting::rank_counterparties, entries_of(*user, *range));
  if (!ranked) co_return fail(pg::to_error(ranked.error(), kNarrowRange));
  const auto balances =
      co_await reading.query(queries::reporting::range_balances, entries_of(*user, *range));
  if (!balances) co_return fail(pg::to_error(balances.error()));
  auto response = net::Response::json(200, to_json(*user, report, *balances, *ranked, *asked,
                                                   *range, reading.as_of_us(), currency));
  response.header("Vary", "Accept");
  co_return response;
}

}  // namespace instapay::reporting
