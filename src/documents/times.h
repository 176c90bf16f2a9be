#pragma once
// A moment, and what the clocks of the reader's time zone showed then.
#include <cstdint>
#include <string>

namespace instapay::documents {

/// `local_us` is the wall clock read as if it were UTC, as PostgreSQL reckons it.
struct ZonedTime {
  std::int64_t utc_us = 0, local_us = 0;
};

/// 2026-11-01T12:00:00.123456+02:00
std::string zoned_text(ZonedTime at);
/// 2026-11-01 12:00
std::string minute_text(ZonedTime at);
/// 261101, as MT940 writes a date.
std::string short_date(ZonedTime at);
/// 20261101100000.123[0:GMT], as OFX writes a moment.
std::string ofx_time(std::int64_t utc_us);

}  // namespace instapay::documents
