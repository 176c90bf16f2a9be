#include "documents/times.h"

#include <fmt/format.h>

#include <cstdlib>

#include "core/time.h"

namespace instapay::documents {
namespace {

constexpr std::int64_t kMinute_us = 60 * kSecond_us;

}  // namespace

std::string zoned_text(ZonedTime at) {
  std::string text = format_time(at.local_us);
  text.pop_back();  // Z
  const std::int64_t offset_min = (at.local_us - at.utc_us) / kMinute_us;
  return fmt::format("{}{}{:02}:{:02}", text, offset_min < 0 ? '-' : '+', std::abs(offset_min) / 60,
                     std::abs(offset_min) % 60);
}

std::string minute_text(ZonedTime at) {
  std::string text = format_time(at.local_us).substr(0, 16);
  text[10] = ' ';
  return text;
}

std::string short_date(ZonedTime at) {
  const std::string date = format_time(at.local_us);
  return date.substr(2, 2) + date.substr(5, 2) + date.substr(8, 2);
}

std::string ofx_time(std::int64_t utc_us) {
  const std::string text = format_time(utc_us);  // 2026-11-01T12:00:00.123456Z
  return fmt::format("{}{}{}{}{}{}.{}[0:GMT]", text.substr(0, 4), text.substr(5, 2),
                     text.substr(8, 2), text.substr(11, 2), text.substr(14, 2), text.substr(17, 2),
                     text.substr(20, 3));
}

}  // namespace instapay::documents
