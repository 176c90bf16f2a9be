#include "user/rules.h"

#include <algorithm>

#include "core/text.h"

namespace instapay::user {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

std::optional<std::string> normalize_username(std::string_view username) {
  if (username.size() < kUsernameMin_chars || username.size() > kUsernameMax_chars) {
    return std::nullopt;
  }
  std::string lower = lower_ascii(username);
  const auto allowed = [](char c) {
    return is_alphanumeric(c) || c == '_' || c == '.' || c == '-';
  };
  if (!is_alphanumeric(lower.front()) || !std::ranges::all_of(lower, allowed)) return std::nullopt;
  if (lower.starts_with(kErasedPrefix)) return std::nullopt;
  return lower;
}

}  // namespace instapay::user
