#pragma once
// A report's range of time, and its periods on the wall clock of a time zone.
#include "net/page.h"
#include "reporting/service.h"

namespace instapay::reporting {

/// Whether a report always has periods, or only when `groupBy` asks for them.
enum class Periods { always, on_request };

/// What a query asks for: startDate, endDate, tz, groupBy.
struct RangeQuery {
  std::optional<net::Moment> start, end;
  std::string tz;
  std::string unit;  // hour, day, week, month or year; empty: not given
  Periods periods = Periods::on_request;
};

/// What that is. A period is named by its beginning; the first may begin before the range.
struct Range {
  std::string start, end;                   // as answers repeat them
  std::string unit;                         // length of a period; empty: no periods
  std::int64_t begins_us = 0, ends_us = 0;  // the end is exclusive
  std::vector<std::int64_t> periods_us;     // beginnings, in order
};

/// Mistakes stay in `query`. Errors: the database's (it knows the time zones).
Task<Result<RangeQuery>> read_range(Service& service, const net::Request& request,
                                    net::QueryReader& query, Periods periods);

/// Without an end: up to now. Without a start: the 30 days before the end.
/// Where there are always periods and none was asked for: the shortest of day, week, month and
/// year of which the range has at most kReportPeriodsMax.
/// Errors: validation_failed when the start is after the end, or the periods are too many.
Task<Result<Range>> find_range(Reading& reading, const RangeQuery& query);

/// For a report that reads more than the database may for one request.
inline constexpr std::string_view kNarrowRange = "choose a later startDate or an earlier endDate";

/// The least number of periods that so much time can hold.
std::int64_t least_periods(std::string_view unit, std::int64_t span_us);

/// 2026-11-01T00:00:00Z: periods begin at whole seconds.
std::string period_text(std::int64_t unix_us);

}  // namespace instapay::reporting
