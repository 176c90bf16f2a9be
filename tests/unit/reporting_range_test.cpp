#include "reporting/range.h"

#include <gtest/gtest.h>

#include "core/time.h"
#include "reporting/format.h"

namespace instapay::reporting {
namespace {

TEST(LeastPeriods, NeverMoreThanThereAre) {
  EXPECT_EQ(least_periods("hour", kDay_us), 24);
  EXPECT_EQ(least_periods("day", 30 * kDay_us), 30);
  EXPECT_EQ(least_periods("week", 28 * kDay_us), 4);
  EXPECT_EQ(least_periods("month", 365 * kDay_us), 11);  // every month as if it had 31 days
  EXPECT_EQ(least_periods("year", 732 * kDay_us), 2);    // every year as if it had 366
  EXPECT_EQ(least_periods("day", -kDay_us), -1);
}

TEST(PeriodText, WholeSeconds) {
  EXPECT_EQ(period_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(period_text(1'795'341'600 * kSecond_us), "2026-11-22T10:00:00Z");
}

std::optional<Format> format_of(const std::string& target, std::string_view accept,
                                std::optional<Error>* error = nullptr) {
  net::Request request;
  request.target = target;
  if (!accept.empty()) request.add_header("Accept", accept);
  net::QueryReader query(request);
  const auto format = read_format(request, query);
  auto mistakes = query.finish();
  if (error != nullptr) *error = std::move(mistakes);
  return format;
}

TEST(ReadFormat, TheParameterWins) {
  EXPECT_EQ(format_of("/r?format=csv", "application/json"), Format::csv);
  EXPECT_EQ(format_of("/r?format=json", "text/csv"), Format::json);
  EXPECT_EQ(format_of("/r?format=csv", "image/png"), Format::csv);
}

TEST(ReadFormat, ElseAccept) {
  EXPECT_EQ(format_of("/r", ""), Format::json);
  EXPECT_EQ(format_of("/r", "text/csv"), Format::csv);
  EXPECT_EQ(format_of("/r", "image/png"), std::nullopt);
}

TEST(ReadFormat, AWrongParameterIsAMistake) {
  for (const auto* target : {"/r?format=xml", "/r?format=", "/r?format=CSV"}) {
    std::optional<Error> error;
    EXPECT_EQ(format_of(target, "image/png", &error), Format::json) << target;
    ASSERT_TRUE(error) << target;
    EXPECT_EQ(error->fields.front().code, "not_allowed");
  }
}

TEST(CsvResponse, HasANameThatFilesMayHave) {
  const auto response = csv_response("nour", "2026-11-01T00:00:00.000000Z", "2026-11-30", 0);
  EXPECT_EQ(response.headers.front().second,
            "attachment; filename=\"nour-2026-11-01T00.00.00.000000Z-2026-11-30.csv\"");
}

}  // namespace
}  // namespace instapay::reporting
