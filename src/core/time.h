#pragma once
// Time is microseconds since 1970 in UTC, as in PostgreSQL; RFC 3339 on the wire.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace instapay {

/// The wall clock, in microseconds since the Unix epoch.
std::int64_t now_us();

/// Never goes back; for durations and deadlines.
std::int64_t monotonic_us();

/// 2026-11-22T12:55:03.123456Z
std::string format_time(std::int64_t unix_us);
void append_time(std::string& out, std::int64_t unix_us);

/// RFC 3339 with 'Z' or an offset, up to microseconds; nullopt on anything else.
std::optional<std::int64_t> parse_time(std::string_view text);

/// Days since the Unix epoch of "YYYY-MM-DD"; nullopt when there is no such day.
std::optional<std::int32_t> parse_date(std::string_view text);

/// Days since the Unix epoch of the day of "YYYY-MM-DDTHH:MM", a time by a clock on the wall that
/// no zone stands beside; nullopt when there is no such.
std::optional<std::int32_t> parse_local_time(std::string_view text);

inline constexpr std::int64_t kSecond_us = 1'000'000;
inline constexpr std::int64_t kDay_us = 86'400 * kSecond_us;

}  // namespace instapay
