#include "core/email.h"

#include <algorithm>

#include "core/text.h"

namespace instapay {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || is_digit(c); }

// RFC 5322 dot-atom, lower-cased already.
bool valid_local_part(std::string_view local) {
  constexpr std::string_view kSpecials = "!#$%&'*+-/=?^_`{|}~.";
  if (local.empty() || local.size() > kEmailLocalMax_bytes) return false;
  if (local.front() == '.' || local.back() == '.' || local.contains("..")) return false;
  return std::ranges::all_of(local,
                             [&](char c) { return is_alphanumeric(c) || kSpecials.contains(c); });
}

bool valid_label(std::string_view label) {
  constexpr std::size_t kLabelMax_bytes = 63;
  return !label.empty() && label.size() <= kLabelMax_bytes && label.front() != '-' &&
         label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool valid_domain(std::string_view domain) {
  std::size_t labels = 0;
  for (std::size_t begin = 0; begin <= domain.size(); ++labels) {
    const std::size_t end = std::min(domain.find('.', begin), domain.size());
    const std::string_view label = domain.substr(begin, end - begin);
    if (!valid_label(label)) return false;
    // An all-digit top level is an IP address written without its brackets.
    if (end == domain.size() && std::ranges::all_of(label, is_digit)) return false;
    begin = end + 1;
  }
  return labels >= 2;
}

}  // namespace

std::optional<std::string> normalize_email(std::string_view email) {
  if (email.size() > kEmailMax_bytes) return std::nullopt;
  std::string lower = lower_ascii(email);
  const std::size_t at = lower.rfind('@');
  if (at == std::string::npos) return std::nullopt;
  if (lower.ends_with(kErasedDomain)) return std::nullopt;
  const std::string_view view = lower;
  if (!valid_local_part(view.substr(0, at)) || !valid_domain(view.substr(at + 1))) {
    return std::nullopt;
  }
  return lower;
}

}  // namespace instapay
