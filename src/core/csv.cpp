#include "core/csv.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace instapay {

namespace {

// OWASP, CSV injection: with what a formula may begin, also in full and small width.
bool begins_a_formula(UChar32 c) {
  constexpr std::u32string_view kBeginnings =
      U"=+-@\t\r\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212";
  return kBeginnings.contains(static_cast<char32_t>(c));
}

// What a spreadsheet may pass over before it: blanks, and what has no width.
bool is_passed_over(UChar32 c) {
  constexpr UChar32 kBrailleBlank = 0x2800;
  return u_isUWhiteSpace(c) != 0 || u_charType(c) == U_FORMAT_CHAR || c == kBrailleBlank ||
         u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0;
}

bool may_be_formula(std::string_view content) {
  const char* text = content.data();
  const auto length = static_cast<std::int32_t>(content.size());
  for (std::int32_t at = 0; at < length;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(text, at, length, c);
    if (begins_a_formula(c)) return true;
    if (!is_passed_over(c)) return false;
  }
  return false;
}

}  // namespace

CsvWriter& CsvWriter::text(std::string_view content) {
  return may_be_formula(content) ? plain("'" + std::string(content)) : plain(content);
}

CsvWriter& CsvWriter::plain(std::string_view content) {
  comma();
  if (content.find_first_of(",\"\r\n") == std::string_view::npos) {
    out_ += content;
    return *this;
  }
  out_ += '"';
  for (const char c : content) {
    if (c == '"') out_ += '"';
    out_ += c;
  }
  out_ += '"';
  return *this;
}

CsvWriter& CsvWriter::number(std::int64_t content) { return plain(std::to_string(content)); }

CsvWriter& CsvWriter::amount(Total minor, Currency currency) {
  comma();
  append_amount(out_, minor, currency);
  return *this;
}

CsvWriter& CsvWriter::end_row() {
  out_ += "\r\n";
  first_ = true;
  return *this;
}

void CsvWriter::comma() {
  if (!first_) out_ += ',';
  first_ = false;
}

}  // namespace instapay
