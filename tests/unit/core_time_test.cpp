#include <gtest/gtest.h>

#include "core/time.h"

namespace instapay {
namespace {

struct Moment {
  std::string_view text;
  std::int64_t unix_us;
};

TEST(ParseTime, TakesRfc3339) {
  for (const auto& [text, unix_us] : std::to_array<Moment>({
           {"1970-01-01T00:00:00Z", 0},
           {"1970-01-01T00:00:00.000001Z", 1},
           {"1970-01-01t00:00:01z", kSecond_us},
           {"1969-12-31T23:59:59.999999Z", -1},
           {"2000-02-29T12:00:00Z", 951'825'600'000'000},
           {"2026-11-22T12:55:03.123456Z", 1'795'352'103'123'456},
           {"2026-11-22T12:55:03.5Z", 1'795'352'103'500'000},
           {"2026-11-22T14:55:03+02:00", 1'795'352'103'000'000},
           {"2026-11-22T07:25:03-05:30", 1'795'352'103'000'000},
           {"2026-11-22T12:55:03-00:00", 1'795'352'103'000'000},
           // Finer than microseconds: cut off.
           {"1970-01-01T00:00:00.0000019Z", 1},
       })) {
    EXPECT_EQ(parse_time(text), unix_us) << text;
  }
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const auto* text : {"",
                           "2026-11-22",
                           "2026-11-22 12:55:03Z",
                           "2026-11-22T12:55:03",
                           "2026-11-22T12:55Z",
                           "2026-11-22T24:00:00Z",
                           "2026-11-22T12:60:00Z",
                           "2026-11-22T12:55:60Z",
                           "2026-11-22T12:55:03.Z",
                           "2026-11-22T12:55:03,5Z",
                           "2026-11-22T12:55:03+0200",
                           "2026-11-22T12:55:03+24:00",
                           "2026-11-22T12:55:03+02:60",
                           "2026-11-22T12:55:03Z ",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "26-01-01T00:00:00Z",
                           "+2026-01-01T00:00:00Z",
                           "2026-1-01T00:00:00Z",
                           "2026-11-22T12:55:03Zjunk",
                           "\xd9\xa2"
                           "026-01-01T00:00:00Z"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(ParseDate, TakesRealDaysOnly) {
  EXPECT_EQ(parse_date("1970-01-01"), 0);
  EXPECT_EQ(parse_date("1969-12-31"), -1);
  EXPECT_EQ(parse_date("2024-02-29"), 19'782);
  EXPECT_EQ(parse_date("2000-02-29"), 11'016);
  for (const auto* text : {"", "2026-02-29", "1900-02-29", "2026-04-31", "2026-1-1", "2026-01-01T",
                           "2026/01/01", " 2026-01-01", "2026-01-01 "})
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
}

TEST(ParseLocalTime, TakesTimesOfRealDaysOnly) {
  EXPECT_EQ(parse_local_time("1970-01-02T00:00"), 1);
  EXPECT_EQ(parse_local_time("2028-02-29T23:59"), parse_date("2028-02-29"));
  for (const auto* text :
       {"", "2027-02-29T09:00", "2027-02-28", "2027-02-28T24:00", "2027-02-28T09:60",
        "2027-02-28T9:00", "2027-02-28T09:00:00", "2027-02-28T09:00Z", "2027-02-28T09:00+02:00",
        "2027-02-28t09:00", "2027-02-28 09:00", " 2027-02-28T09:00"})
    EXPECT_EQ(parse_local_time(text), std::nullopt) << text;
}

TEST(FormatTime, HasMicrosecondsAndZ) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_time(1'795'352'103'123'456), "2026-11-22T12:55:03.123456Z");
}

TEST(Clocks, GoOn) {
  const auto monotonic = monotonic_us();
  EXPECT_GE(monotonic_us(), monotonic);
  EXPECT_GT(now_us(), 1'700'000'000'000'000);
}

}  // namespace
}  // namespace instapay
