#include "core/money.h"

#include <algorithm>
#include <array>
#include <limits>

namespace instapay {
namespace {

constexpr auto kCurrencies = std::to_array<Currency>({
#include "core/currencies.def"
});

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<Currency> Currency::find(std::string_view code) {
  const auto* found = std::ranges::find(kCurrencies, code, &Currency::code);
  if (found == kCurrencies.end()) return std::nullopt;
  return *found;
}

std::span<const Currency> Currency::all() { return kCurrencies; }

std::expected<std::int64_t, AmountError> parse_amount(std::string_view text, Currency currency) {
  using enum AmountError;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return std::unexpected(not_a_number);
  if (text.size() > 1 && text[0] == '0' && is_digit(text[1])) return std::unexpected(not_a_number);

  std::int64_t minor = 0;
  const auto push = [&](char digit) {
    if (minor > kAmountMax_minor / 10) return false;
    minor = minor * 10 + (digit - '0');
    return minor <= kAmountMax_minor;
  };

  bool in_range = true;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) in_range = in_range && push(text[at]);

  int digits = 0;
  if (at < text.size() && text[at] == '.') {
    const std::size_t first = ++at;
    bool lost = false;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (digits < currency.digits) {
        in_range = in_range && push(text[at]);
        ++digits;
      } else {
        lost = true;
      }
    }
    if (at == first) return std::unexpected(not_a_number);
    if (lost && at == text.size()) return std::unexpected(too_many_digits);
  }
  if (at != text.size()) return std::unexpected(not_a_number);
  for (; digits < currency.digits; ++digits) in_range = in_range && push('0');
  if (!in_range) return std::unexpected(out_of_range);
  return negative ? -minor : minor;
}

void append_amount(std::string& out, Total minor, Currency currency) {
  char text[48];
  char* at = text + sizeof text;
  int left = currency.digits;  // of the minor unit, still to be written
  const auto push = [&](int digit) {
    *--at = static_cast<char>('0' + digit);
    if (--left == 0) *--at = '.';
  };
  // Negated in unsigned arithmetic: the lowest number has no positive twin.
  __extension__ using Whole = unsigned __int128;
  Whole rest = minor < 0 ? -static_cast<Whole>(minor) : static_cast<Whole>(minor);
  constexpr Whole kWord = std::numeric_limits<std::uint64_t>::max();
  for (; rest > kWord; rest /= 10) push(static_cast<int>(rest % 10));
  auto word = static_cast<std::uint64_t>(rest);  // a single amount is never more than this
  for (; word > 0; word /= 10) push(static_cast<int>(word % 10));
  while (left > 0 || at == text + sizeof text || *at == '.') push(0);
  if (minor < 0) *--at = '-';
  out.append(at, text + sizeof text);
}

std::string format_amount(Total minor, Currency currency) {
  std::string out;
  append_amount(out, minor, currency);
  return out;
}

}  // namespace instapay
