#include "reporting/range.h"

#include <fmt/format.h>

#include "core/fields.h"
#include "core/limits.h"
#include "core/time.h"
#include "queries.h"

namespace instapay::reporting {
namespace {

constexpr std::int64_t kRangeMax_us = 376'200 * kDay_us;  // 3000-01-01
constexpr std::int64_t kUsualRange_us = 30 * kDay_us;

std::optional<net::Moment> read_moment(net::QueryReader& query, std::string_view name) {
  const auto moment = query.moment(name);
  if (moment && (moment->begins_us < 0 || moment->ends_us > kRangeMax_us))
    query.mistake(name, "out_of_range",
                  fmt::format("{} must be between 1970-01-01 and 2999-12-31.", name));
  return moment;
}

std::optional<std::int32_t> day_of(const std::optional<net::Moment>& moment) {
  if (!moment || !moment->is_date) return std::nullopt;
  return static_cast<std::int32_t>(moment->begins_us / kDay_us);
}

std::optional<std::int64_t> time_of(const std::optional<net::Moment>& moment) {
  if (!moment || moment->is_date) return std::nullopt;
  return moment->begins_us;
}

// Before the database is asked to make them.
bool far_too_many(const RangeQuery& query, std::string_view unit) {
  if (unit.empty()) return false;
  const std::int64_t ends_us = query.end ? query.end->ends_us : now_us();
  const std::int64_t begins_us = query.start ? query.start->begins_us : ends_us - kUsualRange_us;
  // Two days: how far apart the same date can be on two clocks, and the part of a period.
  return least_periods(unit, ends_us - begins_us - 2 * kDay_us) > kReportPeriodsMax;
}

std::unexpected<Error> too_many(std::string_view unit) {
  return fail_field("groupBy", "out_of_range",
                    fmt::format("At most {} periods: choose a shorter range, or longer periods "
                                "than {}s.",
                                kReportPeriodsMax, unit));
}

bool start_after_end(const RangeQuery& query, const Range& range) {
  const auto first = day_of(query.start), last = day_of(query.end);
  if (first && last) return *first > *last;
  // The last moment of a day is in the range, the moment that ends it is not.
  const bool ends_with_day = !time_of(query.end).has_value();
  return range.begins_us > range.ends_us - (ends_with_day ? 1 : 0);
}

// Nothing when the range has more than kReportPeriodsMax periods of this length.
Task<Result<std::optional<Range>>> range_by(Reading& reading, const RangeQuery& query,
                                            std::string_view unit) {
  if (far_too_many(query, unit)) co_return std::nullopt;
  pg::Params params;
  params.add(query.tz).add(day_of(query.start)).add_optional_time(time_of(query.start));
  params.add(day_of(query.end)).add_optional_time(time_of(query.end));
  params.add(unit.empty() ? std::optional<std::string>() : std::string(unit));
  const auto rows = co_await reading.query(queries::reporting::list_periods, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));

  Range range;
  range.unit = unit;
  range.begins_us = rows->time_us(0, 0);
  range.ends_us = rows->time_us(0, 1);
  if (start_after_end(query, range))
    co_return fail_field("startDate", "out_of_range", "startDate must not be after endDate.");
  range.start = rows->is_null(0, 2) ? format_time(range.begins_us) : rows->text(0, 2);
  range.end = rows->is_null(0, 3) ? format_time(range.ends_us) : rows->text(0, 3);
  if (rows->size() > kReportPeriodsMax) co_return std::nullopt;
  for (int i = 0; i < rows->size(); ++i)
    if (!rows->is_null(i, 4)) range.periods_us.push_back(rows->time_us(i, 4));
  co_return range;
}

}  // namespace

Task<Result<RangeQuery>> read_range(Service& service, const net::Request& request,
                                    net::QueryReader& query, Periods periods) {
  RangeQuery range;
  range.periods = periods;
  range.start = read_moment(query, "startDate");
  range.end = read_moment(query, "endDate");
  range.unit = query.choice("groupBy", {"hour", "day", "week", "month", "year"}, "");
  range.tz = request.query("tz").value_or("UTC");
  const auto known = co_await service.zones.known(range.tz);
  if (!known) co_return fail(known.error());
  if (!*known)
    query.mistake("tz", "not_allowed", "tz must be the name of a time zone such as Africa/Cairo.");
  co_return range;
}

Task<Result<Range>> find_range(Reading& reading, const RangeQuery& query) {
  constexpr std::string_view kFromShort[] = {"day", "week", "month", "year"};
  if (query.periods == Periods::always && query.unit.empty()) {
    for (const std::string_view unit : kFromShort) {
      auto range = co_await range_by(reading, query, unit);
      if (!range) co_return fail(std::move(range.error()));
      if (*range) co_return std::move(**range);
    }
    co_return too_many("year");
  }
  auto range = co_await range_by(reading, query, query.unit);
  if (!range) co_return fail(std::move(range.error()));
  if (!*range) co_return too_many(query.unit);
  co_return std::move(**range);
}

std::int64_t least_periods(std::string_view unit, std::int64_t span_us) {
  const int days = unit == "day" ? 1 : unit == "week" ? 7 : unit == "month" ? 31 : 366;
  return span_us / (unit == "hour" ? 3600 * kSecond_us : days * kDay_us);
}

std::string period_text(std::int64_t unix_us) { return format_time(unix_us).substr(0, 19) + 'Z'; }

}  // namespace instapay::reporting
