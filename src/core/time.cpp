#include "core/time.h"

#include <chrono>

namespace instapay {
namespace {

namespace chrono = std::chrono;

// Reads exactly `digits` digits from the front of the text.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int32_t> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const chrono::year_month_day date{chrono::year{*year},
                                    chrono::month{static_cast<unsigned>(*month)},
                                    chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return chrono::sys_days{date}.time_since_epoch().count();
}

// Microseconds east of UTC.
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool west = text.starts_with('-');
  if (!west && !text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::int64_t offset = (*hours * 3600 + *minutes * 60) * kSecond_us;
  return west ? -offset : offset;
}

void append_padded(std::string& out, int value, int width) {
  char text[8];
  for (int i = width; i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out.append(text, static_cast<std::size_t>(width));
}

}  // namespace

std::int64_t now_us() {
  return chrono::duration_cast<chrono::microseconds>(chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t monotonic_us() {
  return chrono::duration_cast<chrono::microseconds>(chrono::steady_clock::now().time_since_epoch())
      .count();
}

void append_time(std::string& out, std::int64_t unix_us) {
  const chrono::sys_time<chrono::microseconds> when{chrono::microseconds{unix_us}};
  const auto day = chrono::floor<chrono::days>(when);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss clock{when - day};
  append_padded(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_padded(out, static_cast<int>(static_cast<unsigned>(date.month())), 2);
  out += '-';
  append_padded(out, static_cast<int>(static_cast<unsigned>(date.day())), 2);
  out += 'T';
  append_padded(out, static_cast<int>(clock.hours().count()), 2);
  out += ':';
  append_padded(out, static_cast<int>(clock.minutes().count()), 2);
  out += ':';
  append_padded(out, static_cast<int>(clock.seconds().count()), 2);
  out += '.';
  append_padded(out, static_cast<int>(clock.subseconds().count()), 6);
  out += 'Z';
}

std::string format_time(std::int64_t unix_us) {
  std::string out;
  append_time(out, unix_us);
  return out;
}

std::optional<std::int32_t> parse_date(std::string_view text) {
  const auto days = take_date(text);
  if (!days || !text.empty()) return std::nullopt;
  return days;
}

std::optional<std::int32_t> parse_local_time(std::string_view text) {
  const auto days = take_date(text);
  if (!days || !take(text, 'T')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !text.empty()) return std::nullopt;
  return days;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto days = take_date(text);
  if (!days || !(take(text, 'T') || take(text, 't'))) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *second > 59) return std::nullopt;
  std::int64_t fraction_us = 0;
  if (take(text, '.')) {
    std::int64_t unit_us = kSecond_us / 10;
    std::size_t digits = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
      fraction_us += (text[0] - '0') * unit_us;
      unit_us /= 10;
    }
    if (digits == 0) return std::nullopt;
  }
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return *days * kDay_us + (*hour * 3600 + *minute * 60 + *second) * kSecond_us + fraction_us -
         *offset;
}

}  // namespace instapay
