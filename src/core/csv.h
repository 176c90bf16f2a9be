#pragma once
// CSV out (RFC 4180): CRLF, quotes where they are needed, money in decimal.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/money.h"

namespace instapay {

/// Appends rows to a string: cells one by one, then end_row().
class CsvWriter {
 public:
  explicit CsvWriter(std::string& out) : out_(out) {}

  /// Text by people: what a spreadsheet could run as a formula, also behind blanks or in full
  /// width, gets an apostrophe before it.
  CsvWriter& text(std::string_view content);
  CsvWriter& plain(std::string_view content);
  CsvWriter& number(std::int64_t content);
  CsvWriter& amount(Total minor, Currency currency);
  CsvWriter& end_row();

 private:
  void comma();
  std::string& out_;
  bool first_ = true;
};

}  // namespace instapay
