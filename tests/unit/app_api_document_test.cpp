#include <gtest/gtest.h>

#include <fmt/format.h>

#include <boost/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "app/api_document.h"
#include "assets.h"

namespace instapay::app {
namespace {

constexpr Currency kEgp{"EGP", 2}, kJpy{"JPY", 0, "Yen"}, kKwd{"KWD", 3, "Kuwaiti Dinar"};

std::string_view written(std::string_view path) {
  for (const auto& file : assets::kFiles)
    if (file.path == path) return file.text;
  return {};
}

const boost::json::value& schema(const boost::json::value& document, std::string_view name) {
  return document.at_pointer(fmt::format("/components/schemas/{}", name));
}

boost::json::value json_for(Currency currency) {
  return boost::json::parse(document_for(written("generated/openapi.json"), currency));
}

std::vector<std::string> amounts_to_try(Currency currency) {
  std::vector<std::string> texts{
      "0",   "00", "1",  "10",   "01",   "1.",   ".5",   "1,5",
      "1e3", "-1", " 1", "0.05", "0.50", "1.25", "12.3", format_amount(kAmountMax_minor, currency)};
  for (int digits = 1; digits <= 5; ++digits) {
    const std::string zeros(static_cast<std::size_t>(digits - 1), '0');
    texts.insert(texts.end(), {"0." + zeros + "0", "0." + zeros + "1", "0." + zeros + "9",
                               "7." + zeros + "0", "7." + zeros + "1"});
  }
  return texts;
}

TEST(ApiDocument, IsServedAsItIsWrittenForEgp) {
  const auto yaml = written("api/openapi.yaml");
  ASSERT_FALSE(yaml.empty());
  EXPECT_EQ(document_for(yaml, kEgp), yaml);
}

TEST(ApiDocument, PatternsTakeWhatTheServerTakesInEveryCurrency) {
  for (const Currency& currency : Currency::all()) {
    const auto document = json_for(currency);
    const auto pattern = [&](std::string_view path) {
      return std::regex(std::string(document.at_pointer(path).as_string()));
    };
    const auto request = pattern("/components/schemas/AmountRequest/oneOf/1/pattern");
    const auto either = pattern("/components/schemas/SignedAmountRequest/oneOf/1/pattern");
    const auto filter = pattern("/components/schemas/AmountFilter/pattern");
    for (const auto& text : amounts_to_try(currency)) {
      const auto minor = parse_amount(text, currency);
      EXPECT_EQ(std::regex_match(text, request), minor && *minor > 0) << currency.code << text;
      EXPECT_EQ(std::regex_match(text, either), minor && *minor != 0) << currency.code << text;
      EXPECT_EQ(std::regex_match(text, filter), minor && *minor >= 0) << currency.code << text;
    }
    const auto longer = "9" + format_amount(kAmountMax_minor, currency);
    EXPECT_FALSE(std::regex_match(longer, request)) << currency.code;
  }
}

TEST(ApiDocument, LimitsAndExamplesHaveTheDigitsOfTheCurrency) {
  for (const Currency& currency : Currency::all()) {
    const auto yaml = document_for(written("api/openapi.yaml"), currency);
    const auto largest = format_amount(kAmountMax_minor, currency);
    EXPECT_TRUE(yaml.contains(fmt::format("maximum: {}\n", largest))) << currency.code;
    EXPECT_TRUE(yaml.contains(fmt::format("minimum: -{}\n", largest))) << currency.code;
    const auto thousand = parse_amount("1000", currency);
    ASSERT_TRUE(thousand);
    const auto balance = fmt::format("balance: {}\n", format_amount(*thousand, currency));
    EXPECT_TRUE(yaml.contains(balance)) << currency.code;
    EXPECT_EQ(yaml.contains("EGP"), currency.code == "EGP") << currency.code;
  }
}

TEST(ApiDocument, LeavesAloneWhatIsNoAmount) {
  EXPECT_EQ(document_for("version: 0.1.0, at 10:15:30.123456Z, x1.25, 1.234", kKwd),
            "version: 0.1.0, at 10:15:30.123456Z, x1.25, 1.234");
  EXPECT_EQ(document_for("{\"amount\":120.50,\"s\":\"-0.05\"} EGP EGPX", kJpy),
            "{\"amount\":120,\"s\":\"-0\"} JPY EGPX");
}

TEST(ApiDocument, HasNoMultipleOfForBinaryReadersToFailOn) {
  EXPECT_FALSE(written("api/openapi.yaml").contains("multipleOf"));
  EXPECT_EQ(schema(json_for(kKwd), "Money").at("format").as_string(), "decimal");
}

}  // namespace
}  // namespace instapay::app
