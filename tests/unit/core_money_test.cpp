#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "core/money.h"

namespace instapay {
namespace {

constexpr Currency kEgp{"EGP", 2}, kJpy{"JPY", 0}, kKwd{"KWD", 3};

struct Amount {
  std::string_view text;
  Currency currency;
  std::int64_t minor;
};

TEST(ParseAmount, TakesPlainDecimals) {
  for (const auto& [text, currency, minor] : std::to_array<Amount>({
           {"0", kEgp, 0},
           {"-0", kEgp, 0},
           {"0.0", kEgp, 0},
           {"0.01", kEgp, 1},
           {"0.1", kEgp, 10},
           {"12", kEgp, 1200},
           {"12.3", kEgp, 1230},
           {"12.30", kEgp, 1230},
           {"-5", kEgp, -500},
           {"-0.05", kEgp, -5},
           {"90000000000000.00", kEgp, kAmountMax_minor},
           {"-90000000000000.00", kEgp, -kAmountMax_minor},
           {"7", kJpy, 7},
           {"9000000000000000", kJpy, kAmountMax_minor},
           {"1.234", kKwd, 1234},
           {"1.2", kKwd, 1200},
       })) {
    const auto parsed = parse_amount(text, currency);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, minor) << text;
  }
}

struct BadAmount {
  std::string_view text;
  Currency currency;
  AmountError error;
};

TEST(ParseAmount, SaysWhatIsWrong) {
  using enum AmountError;
  for (const auto& [text, currency, error] : std::to_array<BadAmount>({
           {"", kEgp, not_a_number},
           {"-", kEgp, not_a_number},
           {"--1", kEgp, not_a_number},
           {"+1", kEgp, not_a_number},
           {" 1", kEgp, not_a_number},
           {"1 ", kEgp, not_a_number},
           {"01", kEgp, not_a_number},
           {"00", kEgp, not_a_number},
           {".5", kEgp, not_a_number},
           {"5.", kEgp, not_a_number},
           {"1.2.3", kEgp, not_a_number},
           {"1,5", kEgp, not_a_number},
           {"1e3", kEgp, not_a_number},
           {"1.5e3", kEgp, not_a_number},
           {"1.000e3", kEgp, not_a_number},
           {"0x10", kEgp, not_a_number},
           {"NaN", kEgp, not_a_number},
           {"Infinity", kEgp, not_a_number},
           {"\xd9\xa1", kEgp, not_a_number},
           {"1_000", kEgp, not_a_number},
           {"0.001", kEgp, too_many_digits},
           {"1.000", kEgp, too_many_digits},
           {"1.0", kJpy, too_many_digits},
           {"1.2345", kKwd, too_many_digits},
           {"90000000000000.01", kEgp, out_of_range},
           {"99999999999999999999999999", kEgp, out_of_range},
           {"-99999999999999999999999999", kEgp, out_of_range},
           {"9000000000000001", kJpy, out_of_range},
           {"90000000000000", kKwd, out_of_range},
       })) {
    const auto parsed = parse_amount(text, currency);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), error) << text;
  }
}

TEST(ParseAmount, ALongTextCostsNoMoreThanItsLength) {
  EXPECT_EQ(parse_amount(std::string(100'000, '9'), kEgp).error(), AmountError::out_of_range);
  EXPECT_EQ(parse_amount("1." + std::string(100'000, '0'), kEgp).error(),
            AmountError::too_many_digits);
}

TEST(FormatAmount, AlwaysHasTheCurrencysDigits) {
  EXPECT_EQ(format_amount(0, kEgp), "0.00");
  EXPECT_EQ(format_amount(5, kEgp), "0.05");
  EXPECT_EQ(format_amount(-5, kEgp), "-0.05");
  EXPECT_EQ(format_amount(100'000, kEgp), "1000.00");
  EXPECT_EQ(format_amount(-123, kJpy), "-123");
  EXPECT_EQ(format_amount(0, kJpy), "0");
  EXPECT_EQ(format_amount(1, kKwd), "0.001");
  EXPECT_EQ(format_amount(std::numeric_limits<std::int64_t>::min(), kEgp), "-92233720368547758.08");
  EXPECT_EQ(format_amount(std::numeric_limits<std::int64_t>::max(), kKwd), "9223372036854775.807");
  // A sum of amounts may be more than 64 bits hold.
  EXPECT_EQ(format_amount(Total{1'100} * kAmountMax_minor, kEgp), "99000000000000000.00");
  EXPECT_EQ(format_amount(Total{-1'100} * kAmountMax_minor, kJpy), "-9900000000000000000");
  constexpr Total kHighest = std::numeric_limits<Total>::max();
  EXPECT_EQ(format_amount(kHighest, kKwd), "170141183460469231731687303715884105.727");
  EXPECT_EQ(format_amount(-kHighest - 1, kKwd), "-170141183460469231731687303715884105.728");
}

TEST(Currency, KnowsIsoCodesOnly) {
  EXPECT_EQ(Currency::find("EGP")->digits, 2);
  EXPECT_EQ(Currency::find("JPY")->digits, 0);
  EXPECT_EQ(Currency::find("KWD")->digits, 3);
  for (const auto* code : {"", "egp", "EG", "EGPX", "ZZZ"})
    EXPECT_FALSE(Currency::find(code)) << code;
}

TEST(Currency, TheTableIsSortedAndWhole) {
  const auto all = Currency::all();
  const auto out_of_order =
      std::ranges::adjacent_find(all, std::ranges::greater_equal{}, &Currency::code);
  EXPECT_EQ(out_of_order, all.end());
  for (const auto& [code, digits, name] : all) {
    EXPECT_EQ(code.size(), 3U) << code;
    EXPECT_FALSE(name.empty()) << code;
    EXPECT_TRUE(digits == 0 || (digits >= 2 && digits <= 4)) << code;
  }
  EXPECT_EQ(Currency::find("IQD")->digits, 3);
  EXPECT_EQ(Currency::find("CLF")->digits, 4);
}

TEST(Currency, TwoLargeAmountsOfOneMinorUnitApartCanBeOneDouble) {
  // Why clients are told to read amounts as decimals: see the comment on kAmountMax_minor.
  EXPECT_EQ(std::strtod("89999999999999.98", nullptr), std::strtod("89999999999999.99", nullptr));
}

}  // namespace
}  // namespace instapay
