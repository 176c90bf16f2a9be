#include "reporting/exposition.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

namespace instapay::reporting {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr int kExponentMax = 18;

// Calls f(rest) for each line that begins with the prefix, with what follows it.
template <class F>
void each_line(std::string_view text, std::string_view prefix, F f) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(prefix)) f(line.substr(prefix.size()));
  }
}

// How many values are at most `bound` millionths, in all processes.
struct Bucket {
  std::int64_t bound = 0, count = 0;
};

}  // namespace

std::optional<std::int64_t> parse_millionths(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int exponent = 0;
  if (const auto mark = text.find_first_of("eE"); mark != std::string_view::npos) {
    std::string_view digits = text.substr(mark + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    text = text.substr(0, mark);
  }
  const auto point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  if (point < text.size()) digits += text.substr(point + 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  // Where the point stands once the value counts millionths.
  const auto places = static_cast<std::int64_t>(point) + exponent + 6;
  if (exponent > kExponentMax) return std::nullopt;
  if (places <= 0) return 0;
  digits.resize(static_cast<std::size_t>(places), '0');
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc()) return std::nullopt;
  return negative ? -value : value;
}

std::optional<std::int64_t> Exposition::millionths(std::string_view name) const {
  std::optional<std::int64_t> sum;
  for (const std::string& text : texts_)
    each_line(text, std::string(name) + ' ', [&](std::string_view rest) {
      if (const auto value = parse_millionths(rest)) sum = sum.value_or(0) + *value;
    });
  return sum;
}

std::optional<std::int64_t> Exposition::whole(std::string_view name) const {
  const auto value = millionths(name);
  if (!value) return std::nullopt;
  return *value / kMillion;
}

std::optional<std::int64_t> Exposition::quantile(std::string_view histogram, int percent) const {
  std::map<std::int64_t, std::int64_t> counts;  // by bound; every process has the same bounds
  std::int64_t total = 0;
  for (const std::string& text : texts_)
    each_line(text, std::string(histogram) + "_bucket{le=\"", [&](std::string_view rest) {
      const auto quote = rest.find("\"} ");
      if (quote == std::string_view::npos) return;
      const auto count = parse_millionths(rest.substr(quote + 3));
      if (!count) return;
      if (const auto bound = parse_millionths(rest.substr(0, quote))) {
        counts[*bound] += *count / kMillion;
      } else {
        total += *count / kMillion;  // "+Inf"
      }
    });
  std::vector<Bucket> buckets;
  for (const auto& [bound, count] : counts) buckets.push_back({bound, count});
  if (total == 0 || buckets.empty()) return std::nullopt;
  const std::int64_t rank = (total * percent + 99) / 100;
  Bucket below{0, 0};
  for (const Bucket& bucket : buckets) {
    if (bucket.count >= rank)
      return below.bound +
             (bucket.bound - below.bound) * (rank - below.count) / (bucket.count - below.count);
    below = bucket;
  }
  return below.bound;  // beyond the last bound: at least that
}

}  // namespace instapay::reporting
