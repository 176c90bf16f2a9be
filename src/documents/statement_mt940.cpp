#include <fmt/format.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "core/check.h"
#include "core/sha256.h"
#include "documents/statement_formats.h"

namespace instapay::documents {
namespace {

constexpr std::size_t kAmount_chars = 15, kLine_chars = 65, kLinesMax = 6;

// What is in SWIFT's character set x, written in Latin letters; the rest is a full stop.
class Romanizer {
 public:
  Romanizer() {
    UErrorCode error = U_ZERO_ERROR;
    latin_.reset(
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII", UTRANS_FORWARD, error));
    CHECK(U_SUCCESS(error));
  }

  std::string operator()(std::string_view utf8) const {
    if (std::ranges::all_of(utf8, [](char c) { return is_allowed(c); })) return std::string(utf8);
    icu::UnicodeString text = icu::UnicodeString::fromUTF8(
        icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
    latin_->transliterate(text);
    std::string out;
    for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
      const UChar32 c = text.char32At(at);
      out += is_allowed(c) ? static_cast<char>(c) : stand_in(c);
    }
    return out;
  }

 private:
  static char stand_in(UChar32 c) {
    constexpr UChar32 kAyn = 0x02bf, kHamza = 0x02be;
    if (c == '&') return '+';
    return c == kAyn || c == kHamza ? '\'' : '.';
  }

  static bool is_allowed(UChar32 c) {
    constexpr std::u32string_view kMarks = U" /?().,'+-";  // a colon would begin a field
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.contains(static_cast<char32_t>(c));
  }

  std::unique_ptr<icu::Transliterator> latin_;
};

// 1234,50: no sign, and a comma even where nothing follows it.
std::string amount_text(std::int64_t minor, Currency currency) {
  std::string text = format_amount(minor < 0 ? -static_cast<Total>(minor) : minor, currency);
  if (const std::size_t point = text.find('.'); point != text.npos) {
    text[point] = ',';
  } else {
    text += ',';
  }
  return text;
}

std::string balance_line(std::string_view tag, ZonedTime at, std::int64_t minor,
                         Currency currency) {
  return fmt::format(":{}:{}{}{}{}\r\n", tag, minor < 0 ? 'D' : 'C', short_date(at), currency.code,
                     amount_text(minor, currency));
}

// A hyphen at the beginning of a line would end the message.
std::string in_lines(std::string_view text) {
  std::string out;
  for (std::size_t line = 0; line < kLinesMax && !text.empty(); ++line) {
    std::string piece(text.substr(0, kLine_chars));
    text.remove_prefix(piece.size());
    if (piece.front() == '-') piece.front() = '.';
    out += piece + "\r\n";
  }
  return out;
}

std::string entry_lines(const StatementEntry& entry, const Romanizer& romanize, Currency currency) {
  const std::string id = to_hex(entry.transaction.bytes);
  const std::string date = short_date(entry.at);
  std::string lines =
      fmt::format(":61:{}{}{}{}N{}{}//{}\r\n", date, date.substr(2),
                  entry.amount_minor < 0 ? 'D' : 'C', amount_text(entry.amount_minor, currency),
                  is_payment(entry) ? "TRF" : "MSC", id.substr(0, 16), id.substr(16));
  std::string info = fmt::format("{} {} {}", entry.transaction.to_string(), entry.kind,
                                 romanize(counterparty_of(entry)));
  if (!entry.note.empty()) info += " / " + romanize(entry.note);
  return lines + ":86:" + in_lines(info);
}

}  // namespace

std::optional<std::string> statement_mt940(const Statement& statement) {
  const Currency currency = statement.currency;
  const auto fits = [&](std::int64_t minor) {
    return amount_text(minor, currency).size() <= kAmount_chars;
  };
  if (!fits(statement.opening_minor) || !fits(statement.closing_minor) ||
      !std::ranges::all_of(statement.entries, fits, &StatementEntry::amount_minor))
    return std::nullopt;
  const Romanizer romanize;
  const std::string account = to_hex(statement.account.bytes);
  std::string out = fmt::format(":20:{}{}\r\n:25:{}\r\n:28C:1/1\r\n", short_date(statement.begins),
                                account.substr(0, 10), account);
  out += balance_line("60F", statement.begins, statement.opening_minor, currency);
  for (const StatementEntry& entry : statement.entries)
    out += entry_lines(entry, romanize, currency);
  out += balance_line("62F", statement.closes, statement.closing_minor, currency);
  return out + "-\r\n";
}

}  // namespace instapay::documents
