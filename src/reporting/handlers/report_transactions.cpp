#include <algorithm>
#include <array>

#include "core/csv.h"
#include "ledger/domain/transfer.h"
#include "queries.h"
#include "reporting/format.h"
#include "reporting/handlers/handlers.h"
#include "reporting/range.h"
#include "reporting/roll_up/question.h"
#include "reporting/sums.h"

namespace instapay::reporting {
namespace {

using ledger::EntryKind;

constexpr std::array kKinds = {EntryKind::transfer, EntryKind::refund, EntryKind::opening,
                               EntryKind::adjustment, EntryKind::capture};

struct Report {
  std::string kind;  // of totals and series: a kind's name, or "all"
  Sum totals;
  std::array<Sum, kKinds.size()> by_kind;
  std::vector<Sum> series;
};

Report add_up(const pg::Rows& rows, std::string kind, std::size_t periods) {
  Report report{std::move(kind), {}, {}, std::vector<Sum>(periods)};
  for (int i = 0; i < rows.size(); ++i) {
    const Sum sum{rows.int64(i, 2), rows.total(i, 3)};
    const auto kind_of_sum = static_cast<EntryKind>(rows.int64(i, 1));
    const auto index =
        static_cast<std::size_t>(std::ranges::find(kKinds, kind_of_sum) - kKinds.begin());
    report.by_kind.at(index) += sum;
    if (report.kind != "all" && report.kind != name_of(kind_of_sum)) continue;
    report.totals += sum;
    report.series.at(static_cast<std::size_t>(rows.int64(i, 0))) += sum;
  }
  return report;
}

std::string to_json(const Report& report, const RangeQuery& query, const Range& range,
                    std::int64_t as_of_us, Currency currency) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("startDate", range.start).field("endDate", range.end);
  json.field("tz", query.tz).field("groupBy", range.unit).field("kind", report.kind);
  json.field("currency", currency.code).key("asOf").time(as_of_us);
  json.key("totals").begin_object();
  write_sum(json, report.totals, currency);
  json.end_object().key("byKind").begin_array();
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    json.begin_object().field("kind", name_of(kKinds[i]));
    write_sum(json, report.by_kind[i], currency);
    json.end_object();
  }
  json.end_array().key("series").begin_array();
  for (std::size_t i = 0; i < report.series.size(); ++i) {
    json.begin_object().field("periodStart", period_text(range.periods_us[i]));
    write_sum(json, report.series[i], currency);
    json.end_object();
  }
  json.end_array().end_object();
  return body;
}

net::Response to_csv(const Report& report, const Range& range, std::int64_t as_of_us,
                     Currency currency) {
  net::Response response = csv_response("transactions", range.start, range.end, as_of_us);
  CsvWriter csv(response.body);
  csv.plain("periodStart").plain("count").plain("amount").end_row();
  for (std::size_t i = 0; i < report.series.size(); ++i)
    csv.plain(period_text(range.periods_us[i]))
        .number(report.series[i].count)
        .amount(report.series[i].amount_minor, currency)
        .end_row();
  return response;
}

}  // namespace

net::Reply report_transactions(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  net::QueryReader query(request);
  std::string kind = query.choice(
      "kind", {"transfer", "refund", "opening", "adjustment", "capture", "all"}, "transfer");
  const auto format = read_format(request, query);
  auto asked = co_await read_range(service, request, query, Periods::always);
  if (!asked) co_return fail(std::move(asked.error()));
  if (auto error = query.finish()) co_return fail(std::move(*error));
  if (!format) co_return not_acceptable();
  Reading reading(service.reads);
  auto range = co_await find_range(reading, *asked);
  if (!range) co_return fail(std::move(range.error()));

  const auto rows =
      co_await reading.query(queries::reporting::sum_transactions, facts_between(cuts_of(*range)));
  if (!rows) co_return fail(report_error(rows.error(), kNarrowRange));

  const Report report = add_up(*rows, std::move(kind), range->periods_us.size());
  const std::int64_t as_of_us = reading.as_of_us();
  if (*format == Format::csv) co_return to_csv(report, *range, as_of_us, currency);
  auto response = net::Response::json(200, to_json(report, *asked, *range, as_of_us, currency));
  response.header("Vary", "Accept");
  co_return response;
}

}  // namespace instapay::reporting
