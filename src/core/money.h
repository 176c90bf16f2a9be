#pragma once
// Money: whole minor units in 64 bits. No floating point, ever.
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace instapay {

/// A currency of ISO 4217 and how many digits its minor unit has (EGP 2, JPY 0, KWD 3).
struct Currency {
  std::string_view code = "EGP";
  int digits = 2;
  /// As ISO 4217 writes it, in English; empty for a currency that did not come from `find`.
  std::string_view name = {};

  static std::optional<Currency> find(std::string_view code);
  /// Every currency that can be configured.
  static std::span<const Currency> all();
};

/// No amount and no balance is above this: it leaves room to add any two in 64 bits. It is below
/// 2^53, so the count of minor units is a whole number that an IEEE double holds exactly. The
/// amount as it is written is not: read as doubles, 89999999999999.98 and 89999999999999.99 are one
/// number.
inline constexpr std::int64_t kAmountMax_minor = 9'000'000'000'000'000;

/// A sum of amounts, in minor units: a thousand amounts of the largest size do not fit in 64 bits.
__extension__ using Total = __int128;

enum class AmountError : std::uint8_t { not_a_number, too_many_digits, out_of_range };

/// Parses a plain decimal ("12", "12.3", "12.30", "-5") exactly from its text: at most the
/// currency's digits, no exponent, no sign but '-', no blanks.
std::expected<std::int64_t, AmountError> parse_amount(std::string_view text, Currency currency);

/// Always the currency's digits: 1000.00. A JSON number as it stands. Takes an amount or a sum.
std::string format_amount(Total minor, Currency currency);
void append_amount(std::string& out, Total minor, Currency currency);

}  // namespace instapay
