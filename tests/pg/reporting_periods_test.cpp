// The wall clock of time zones: what only PostgreSQL's own zone database can tell.
#include <gtest/gtest.h>

#include <set>

#include "core/time.h"
#include "pg/database.h"
#include "queries.h"

namespace instapay {
namespace {

using pg::Params;
using testing::Database;
using testing::rows_of;

struct Asked {
  std::string zone, unit;
  std::optional<std::string> first_day, start, last_day, end;
};

struct Found {
  std::string begins, ends;
  std::optional<std::string> first_day, last_day;
  std::vector<std::string> periods;
};

std::string short_time(std::int64_t us) { return format_time(us).substr(0, 16); }

Found find(const Asked& asked) {
  static auto db = Database::connect("reporting");
  const auto day = [](const std::optional<std::string>& text) -> std::optional<std::int32_t> {
    return text ? parse_date(*text) : std::nullopt;
  };
  const auto time = [](const std::optional<std::string>& text) -> std::optional<std::int64_t> {
    return text ? parse_time(*text) : std::nullopt;
  };
  Params params;
  params.add(asked.zone).add(day(asked.first_day)).add_optional_time(time(asked.start));
  params.add(day(asked.last_day)).add_optional_time(time(asked.end));
  params.add(asked.unit.empty() ? std::optional<std::string>() : asked.unit);
  const auto rows = rows_of(db.query(queries::reporting::list_periods, params));
  Found found{short_time(rows.time_us(0, 0)), short_time(rows.time_us(0, 1)), {}, {}, {}};
  if (!rows.is_null(0, 2)) found.first_day = rows.text(0, 2);
  if (!rows.is_null(0, 3)) found.last_day = rows.text(0, 3);
  for (int i = 0; i < rows.size(); ++i)
    if (!rows.is_null(i, 4)) found.periods.push_back(short_time(rows.time_us(i, 4)));
  return found;
}

Found days(const std::string& zone, const std::string& unit, const std::string& first,
           const std::string& last) {
  return find({zone, unit, first, {}, last, {}});
}

using Texts = std::vector<std::string>;

TEST(Periods, DaysOfUtc) {
  const auto found = days("UTC", "day", "2026-02-27", "2026-03-01");
  EXPECT_EQ(found.begins, "2026-02-27T00:00");
  EXPECT_EQ(found.ends, "2026-03-02T00:00");
  EXPECT_EQ(found.periods, (Texts{"2026-02-27T00:00", "2026-02-28T00:00", "2026-03-01T00:00"}));
}

TEST(Periods, ADayMayHave23Or25Hours) {
  EXPECT_EQ(days("Europe/Berlin", "hour", "2026-03-29", "2026-03-29").periods.size(), 23U);
  EXPECT_EQ(days("Europe/Berlin", "hour", "2026-10-25", "2026-10-25").periods.size(), 25U);
  EXPECT_EQ(days("Africa/Cairo", "hour", "2026-04-24", "2026-04-24").periods.size(), 23U);
  EXPECT_EQ(days("Asia/Kathmandu", "hour", "2026-03-29", "2026-03-29").periods.front(),
            "2026-03-28T18:15");
}

// Cairo's clocks skip midnight itself.
TEST(Periods, AMidnightThatDoesNotExist) {
  const auto found = days("Africa/Cairo", "day", "2026-04-23", "2026-04-25");
  EXPECT_EQ(found.periods, (Texts{"2026-04-22T22:00", "2026-04-23T22:00", "2026-04-24T21:00"}));
}

// Havana and the Azores go back from one o'clock: midnight comes twice, the day begins once.
TEST(Periods, AMidnightThatComesTwice) {
  EXPECT_EQ(days("America/Havana", "day", "2026-11-01", "2026-11-02").periods,
            (Texts{"2026-11-01T04:00", "2026-11-02T05:00"}));
  EXPECT_EQ(days("America/Havana", "day", "2026-10-31", "2026-10-31").ends, "2026-11-01T04:00");
  EXPECT_EQ(days("Atlantic/Azores", "day", "2026-10-25", "2026-10-25").begins, "2026-10-25T00:00");
  EXPECT_EQ(days("Atlantic/Azores", "hour", "2026-10-25", "2026-10-25").periods.size(), 25U);
}

TEST(Periods, ADayThatNeverWas) {
  const auto found = days("Pacific/Apia", "day", "2011-12-29", "2011-12-31");
  EXPECT_EQ(found.periods, (Texts{"2011-12-29T10:00", "2011-12-30T10:00"}));
}

// Lord Howe's clocks change by half an hour: hours stay those of the wall clock, each once.
TEST(Periods, ClocksThatChangeByHalfAnHour) {
  const auto found = days("Australia/Lord_Howe", "hour", "2026-04-05", "2026-04-05");
  EXPECT_EQ(found.periods.front(), "2026-04-04T13:00");
  EXPECT_EQ(found.periods.back(), "2026-04-05T12:30");
  EXPECT_EQ(std::set(found.periods.begin(), found.periods.end()).size(), found.periods.size());
}

TEST(Periods, WeeksBeginOnMondayAndMonthsOnTheFirst) {
  EXPECT_EQ(days("Africa/Cairo", "week", "2026-01-15", "2026-01-27").periods,
            (Texts{"2026-01-11T22:00", "2026-01-18T22:00", "2026-01-25T22:00"}));
  EXPECT_EQ(days("America/New_York", "month", "2026-03-31", "2026-04-01").periods,
            (Texts{"2026-03-01T05:00", "2026-04-01T04:00"}));
}

TEST(Periods, TimesAreTakenAsTheyAre) {
  const auto found = find({"UTC", "hour", {}, "2026-11-01T10:20:30Z", {}, "2026-11-01T12:00:00Z"});
  EXPECT_EQ(found.begins, "2026-11-01T10:20");
  EXPECT_EQ(found.ends, "2026-11-01T12:00");
  EXPECT_EQ(found.first_day, std::nullopt);
  EXPECT_EQ(found.periods, (Texts{"2026-11-01T10:00", "2026-11-01T11:00"}));
}

TEST(Periods, NoneInAnEmptyRangeOrWithoutAUnit) {
  const std::string noon = "2026-11-01T00:00:00Z";
  EXPECT_TRUE(find({"UTC", "day", {}, noon, {}, noon}).periods.empty());
  EXPECT_TRUE(days("UTC", "day", "2026-02-02", "2026-02-01").periods.empty());
  EXPECT_TRUE(days("UTC", "", "2026-02-01", "2026-02-02").periods.empty());
}

TEST(Periods, TheUsualRangeIs30DaysThatEndToday) {
  const auto found = find({"Africa/Cairo", "day", {}, {}, {}, {}});
  EXPECT_EQ(found.periods.size(), 30U);
  EXPECT_GT(found.ends, short_time(now_us() - kDay_us));
  const auto before = find({"UTC", "day", {}, {}, "2026-03-01", {}});
  EXPECT_EQ(before.first_day, "2026-01-31");
  EXPECT_EQ(before.periods.size(), 30U);
}

TEST(Periods, TheRestOfTodayIsNotAskedFor) {
  const auto found = find({"UTC", "hour", {}, {}, {}, {}});
  EXPECT_LE(found.periods.back(), short_time(now_us()));
  EXPECT_GT(found.ends, found.periods.back());
}

TEST(TimeZones, AreThoseOfTheIanaDatabase) {
  auto db = Database::connect("reporting");
  const auto rows = rows_of(db.query(queries::operations::list_time_zones));
  std::set<std::string, std::less<>> names;
  for (int i = 0; i < rows.size(); ++i) names.emplace(rows.text(i, 0));
  for (const auto* name : {"UTC", "Africa/Cairo", "America/Argentina/Ushuaia", "Asia/Kolkata"})
    EXPECT_TRUE(names.contains(name)) << name;
  for (const auto* name : {"posix/UTC", "posixrules", "localtime", "", "Mars/Olympus"})
    EXPECT_FALSE(names.contains(name)) << name;
}

}  // namespace
}  // namespace instapay
