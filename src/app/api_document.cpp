#include "app/api_document.h"

#include <fmt/format.h>

namespace instapay::app {
namespace {

constexpr Currency kWritten{"EGP", 2, "Egyptian Pound"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// The fraction of an amount, and none at all for a currency without digits.
std::string fraction_pattern(int digits) {
  return digits == 0 ? std::string() : fmt::format("([.][0-9]{{1,{}}})?", digits);
}

/// Amounts below one and above zero: the first digit that is not zero may stand in each place.
std::string below_one_pattern(int digits) {
  std::string out;
  for (int zeros = 0; zeros < digits; ++zeros) {
    out += zeros == 0 ? "|0[.](" : "|";
    out += std::string(static_cast<std::size_t>(zeros), '0') + "[1-9]";
    if (const int more = digits - 1 - zeros; more > 0) out += fmt::format("[0-9]{{0,{}}}", more);
  }
  return digits == 0 ? out : out + ")";
}

/// How many digits may follow the first one before the point, up to the largest amount.
std::string whole_pattern(int digits) {
  const auto largest = std::to_string(kAmountMax_minor).size() - static_cast<std::size_t>(digits);
  return fmt::format("[0-9]{{0,{}}}", largest - 1);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from == to) return;
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// The fraction of an example, cut or filled up to the digits of `currency`.
void append_fraction(std::string& out, std::string_view fraction, Currency currency) {
  if (currency.digits == 0) return;
  out += '.';
  for (int i = 0; i < currency.digits; ++i)
    out += i < static_cast<int>(fraction.size()) ? fraction[static_cast<std::size_t>(i)] : '0';
}

std::string with_amounts_of(std::string_view text, Currency currency) {
  std::string out;
  out.reserve(text.size() + text.size() / 64);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    const bool alone = start == 0 || (!is_word(text[start - 1]) && text[start - 1] != '.');
    out += text.substr(start, at - start);
    if (at == start) {
      out += text[at++];
    } else if (alone && at + 2 < text.size() && text[at] == '.' && is_digit(text[at + 1]) &&
               is_digit(text[at + 2]) && (at + 3 == text.size() || !is_word(text[at + 3]))) {
      append_fraction(out, text.substr(at + 1, 2), currency);
      at += 3;
    }
  }
  return out;
}

std::string with_code(std::string_view text, std::string_view code) {
  std::string out(text);
  for (auto at = out.find(kWritten.code); at != std::string::npos;
       at = out.find(kWritten.code, at + 1)) {
    const auto end = at + kWritten.code.size();
    const bool whole =
        (at == 0 || !is_word(out[at - 1])) && (end == out.size() || !is_word(out[end]));
    if (whole) out.replace(at, kWritten.code.size(), code);
  }
  return out;
}

}  // namespace

std::string document_for(std::string_view document, Currency currency) {
  if (currency.code == kWritten.code) return std::string(document);
  std::string text(document);
  replace_all(text, below_one_pattern(kWritten.digits), below_one_pattern(currency.digits));
  replace_all(text, whole_pattern(kWritten.digits), whole_pattern(currency.digits));
  replace_all(text, fraction_pattern(kWritten.digits), fraction_pattern(currency.digits));
  // Before the examples: the largest amount moves its point, it does not get more digits.
  replace_all(text, format_amount(kAmountMax_minor, kWritten),
              format_amount(kAmountMax_minor, currency));
  if (currency.digits != kWritten.digits) text = with_amounts_of(text, currency);
  replace_all(text, kWritten.name, currency.name);
  return with_code(text, currency.code);
}

}  // namespace instapay::app
