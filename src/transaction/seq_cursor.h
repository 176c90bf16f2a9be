#pragma once
// The number of an entry as the position in an account's history: of pages, and of the events of a
// stream.
#include <charconv>
#include <cstdint>
#include <string_view>

namespace instapay::transaction {

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
