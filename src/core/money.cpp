#include "core/money.h"

#include <algorithm>
#include <array>

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

void append_amount(std::string& out, std::int64_t minor, Currency currency) {
  char text[24];
  char* at = text + sizeof text;
  // Negated in unsigned arithmetic: the lowest int64 has no positive twin.
  auto rest = minor < 0 ? -static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor);
  for (int i = 0; i < currency.digits; ++i, rest /= 10) *--at = static_cast<char>('0' + rest % 10);
  if (currency.digits > 0) *--at = '.';
  do *--at = static_cast<char>('0' + rest % 10);
  while ((rest /= 10) > 0);
  if (minor < 0) *--at = '-';
  out.append(at, text + sizeof text);
}

std::string format_amount(std::int64_t minor, Currency currency) {
  std::string out;
  append_amount(out, minor, currency);
  return out;
}

}  // namespace instapay
