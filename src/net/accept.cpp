#include "net/accept.h"

#include "net/http.h"

namespace instapay::net {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Cuts off and returns what stands before the mark.
std::string_view take_until(std::string_view& text, char mark) {
  const auto end = std::min(text.find(mark), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trim(piece);
}

// "0.75" is 750: thousandths are all the precision that there is.
int parse_weight(std::string_view text) {
  if (text.starts_with('1')) return 1000;
  if (!text.starts_with("0")) return 0;
  int weight = 0, unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') break;
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return weight;
}

// 0 when the range does not cover the type; a more exact range counts more.
int precision(std::string_view range, std::string_view type) {
  if (equal_ignoring_case(range, type)) return 3;
  const std::string_view family = type.substr(0, type.find('/') + 1);
  if (range.ends_with("/*") && equal_ignoring_case(range.substr(0, range.size() - 1), family))
    return 2;
  return range == "*/*" ? 1 : 0;
}

int weight_of(std::string_view accept, std::string_view type) {
  int best_precision = 0, weight = 0;
  while (!accept.empty()) {
    std::string_view item = take_until(accept, ',');
    const int exact = precision(take_until(item, ';'), type);
    if (exact <= best_precision) continue;
    best_precision = exact;
    weight = 1000;
    while (!item.empty()) {
      const std::string_view parameter = take_until(item, ';');
      if (parameter.starts_with("q=") || parameter.starts_with("Q="))
        weight = parse_weight(parameter.substr(2));
    }
  }
  return weight;
}

}  // namespace

std::string_view best_type(std::string_view accept,
                           std::initializer_list<std::string_view> offered) {
  if (trim(accept).empty()) return *offered.begin();
  std::string_view best;
  int best_weight = 0;
  for (const std::string_view type : offered)
    if (const int weight = weight_of(accept, type); weight > best_weight) {
      best = type;
      best_weight = weight;
    }
  return best;
}

}  // namespace instapay::net
