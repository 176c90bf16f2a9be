#pragma once
// What people type into a search field.
#include <string>
#include <string_view>

namespace instapay::transaction {

/// For LIKE: the text anywhere; % and _ mean themselves.
inline std::string like_pattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + '%';
}

}  // namespace instapay::transaction
