#include "pg/rows.h"

#include <endian.h>
#include <fmt/format.h>
#include <libpq-fe.h>

#include <charconv>
#include <cstring>

#include "core/check.h"
#include "core/limits.h"
#include "pg/decode.h"
#include "telemetry/log.h"

namespace instapay::pg {
namespace {

template <class T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// By the server's statement_timeout or lock_timeout.
bool timed_out(const Failure& failure) {
  return failure.kind == Failure::Kind::sql &&
         (failure.is(kQueryCanceled) || failure.is(kLockNotAvailable));
}

}  // namespace

void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

int Rows::size() const { return result_ ? PQntuples(result_.get()) : 0; }

std::int64_t Rows::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

Cell Rows::cell(int row, int column) const {
  const int length = PQgetlength(result_.get(), row, column);
  if (length == 0 && PQgetisnull(result_.get(), row, column) != 0) return {};
  return {PQgetvalue(result_.get(), row, column), length};
}

bool Rows::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::int64_t Rows::int64(int row, int column) const {
  const char* at = PQgetvalue(result_.get(), row, column);
  switch (PQgetlength(result_.get(), row, column)) {
    case 8:
      return static_cast<std::int64_t>(be64toh(load<std::uint64_t>(at)));
    case 4:
      return static_cast<std::int32_t>(be32toh(load<std::uint32_t>(at)));
    case 2:
      return static_cast<std::int16_t>(be16toh(load<std::uint16_t>(at)));
    default:
      CHECK(false);
  }
}

Total Rows::total(int row, int column) const { return decode::total(cell(row, column)); }

Total decode::total(Cell cell) {
  std::string_view digits = text(cell);
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  Total total = 0;
  for (const char digit : digits) {
    CHECK(digit >= '0' && digit <= '9');
    total = total * 10 + (digit - '0');
  }
  return negative ? -total : total;
}

bool Rows::boolean(int row, int column) const {
  return *PQgetvalue(result_.get(), row, column) != 0;
}

std::string_view Rows::text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

Uuid Rows::uuid(int row, int column) const {
  Uuid id;
  if (PQgetlength(result_.get(), row, column) == 16)
    std::memcpy(id.bytes.data(), PQgetvalue(result_.get(), row, column), 16);
  return id;
}

std::int64_t Rows::time_us(int row, int column) const {
  return int64(row, column) + kPostgresEpoch_us;
}

std::span<const std::uint8_t> Rows::bytes(int row, int column) const {
  const auto view = text(row, column);
  return {reinterpret_cast<const std::uint8_t*>(view.data()), view.size()};
}

std::optional<std::int64_t> Rows::optional_int64(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return int64(row, column);
}

std::optional<std::int64_t> Rows::optional_time_us(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return time_us(row, column);
}

Error to_error(const Failure& failure) {
  log::warn("statement failed", {{"event.action", failure.statement},
                                 {"error.code", failure.sqlstate},
                                 {"error.message", failure.message}});
  if (failure.overloaded) return {Code::overloaded, "The database queue is full.", {}, 1};
  if (timed_out(failure))
    return {Code::database_timeout, "The database took too long to answer.", {}, 1};
  if (failure.is(kDiskFull))
    return {Code::storage_low, "The database has no space left; nothing was written.", {}, 5};
  const bool unavailable = failure.kind != Failure::Kind::sql ||
                           failure.sqlstate.starts_with("57") ||  // shutdown
                           failure.sqlstate.starts_with("53") ||  // out of resources
                           failure.sqlstate.starts_with("08") || failure.is("25006");
  if (unavailable)
    return {Code::database_unavailable, "The database is not reachable right now.", {}, 1};
  return {Code::internal_error, "The request could not be completed."};
}

Error to_error(const Failure& failure, std::string_view what_to_narrow) {
  Error error = to_error(failure);
  if (error.code != Code::database_timeout) return error;
  return {Code::range_too_wide, fmt::format("This is more than can be read in {} seconds: {}.",
                                            kStatementTimeout_ms / 1000, what_to_narrow)};
}

}  // namespace instapay::pg
