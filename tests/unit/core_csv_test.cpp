#include "core/csv.h"

#include <gtest/gtest.h>

namespace instapay {
namespace {

constexpr Currency kEgp{"EGP", 2};

std::string text_cell(std::string_view content) {
  std::string out;
  CsvWriter(out).text(content);
  return out;
}

TEST(Csv, RowsEndWithCrLf) {
  std::string out;
  CsvWriter csv(out);
  csv.plain("a").plain("b").end_row();
  csv.number(-7).amount(1'000'05, kEgp).end_row();
  EXPECT_EQ(out, "a,b\r\n-7,1000.05\r\n");
}

TEST(Csv, QuotesWhereNeeded) {
  EXPECT_EQ(text_cell("plain"), "plain");
  EXPECT_EQ(text_cell(""), "");
  EXPECT_EQ(text_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(text_cell("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(text_cell("two\r\nlines"), "\"two\r\nlines\"");
  EXPECT_EQ(text_cell("غداء"), "غداء");
}

TEST(Csv, TextIsNoFormula) {
  EXPECT_EQ(text_cell("=1+1"), "'=1+1");
  EXPECT_EQ(text_cell("+20 100"), "'+20 100");
  EXPECT_EQ(text_cell("-cmd"), "'-cmd");
  EXPECT_EQ(text_cell("@sum,x"), "\"'@sum,x\"");
}

TEST(Csv, NorBehindBlanksOrInFullWidth) {
  for (const std::string_view begin :
       {"=", "+", "-", "@", "\t", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\u2212"})
    for (const std::string_view before :
         {"", " ", "   ", "\u00a0", "\u3000", "\u2003", "\u200b", "\ufeff", "\u202e", "\u3164",
          "\u2800", "\u180e \u00a0", "\ufe0f", "\u00ad", "\U000e0041"}) {
      const std::string text = std::string(before) + std::string(begin) + "1+1";
      EXPECT_EQ(text_cell(text), "'" + text);
    }
  EXPECT_EQ(text_cell("\r=1"), "\"'\r=1\"");
  EXPECT_EQ(text_cell("\n=1"), "\"'\n=1\"");
  for (const std::string_view plain : {"a=1", " a", "\u00a0", "1-1", "\u00a0a=1", "غداء", "'=1"})
    EXPECT_EQ(text_cell(plain), plain);
}

TEST(Csv, AmountsAreExact) {
  std::string out;
  CsvWriter csv(out);
  csv.amount(kAmountMax_minor, kEgp).amount(-1, kEgp).amount(0, {"JPY", 0}).end_row();
  EXPECT_EQ(out, "90000000000000.00,-0.01,0\r\n");
}

}  // namespace
}  // namespace instapay
