#include "core/csv.h"

namespace instapay {

CsvWriter& CsvWriter::text(std::string_view content) {
  // OWASP, CSV injection: the characters with which a formula may begin.
  const bool formula =
      !content.empty() && std::string_view("=+-@\t\r").find(content[0]) != std::string_view::npos;
  return formula ? plain("'" + std::string(content)) : plain(content);
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
