#pragma once
// A number as the place where a page begins: of an entry in an account's history, of an occurrence
// of a schedule.
#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>

namespace instapay::transaction {

/// Above all numbers: the first page looks below it.
inline constexpr std::int64_t kFirstPage = std::numeric_limits<std::int64_t>::max();

/// False when the text is no such number.
inline bool read_seq(std::string_view text, std::int64_t& seq) {
  constexpr std::size_t kDigitsMax = 19;
  std::int64_t value = 0;
  if (text.size() > kDigitsMax) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return false;
  seq = value;
  return true;
}

}  // namespace instapay::transaction
