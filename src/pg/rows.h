#pragma once
// The rows of a statement, in binary, and why a statement failed.
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/money.h"
#include "core/uuid.h"

struct pg_result;

namespace instapay::pg {

/// One value in PostgreSQL's binary form, inside its result.
struct Cell {
  const char* data = nullptr;  // nullptr: NULL
  int length = 0;

  bool is_null() const { return data == nullptr; }
};

class Rows {
 public:
  Rows() = default;
  explicit Rows(pg_result* result) : result_(result) {}

  int size() const;
  bool empty() const { return size() == 0; }
  /// Rows an INSERT, UPDATE or DELETE touched.
  std::int64_t affected() const;

  /// For the generated row structs.
  Cell cell(int row, int column) const;

  bool is_null(int row, int column) const;
  std::int64_t int64(int row, int column) const;  // int8, int4 or int2
  bool boolean(int row, int column) const;
  std::string_view text(int row, int column) const;
  Uuid uuid(int row, int column) const;
  std::int64_t time_us(int row, int column) const;
  /// A sum of amounts, which the statement gives as text: numeric has no other exact form.
  Total total(int row, int column) const;
  std::span<const std::uint8_t> bytes(int row, int column) const;

  std::optional<std::int64_t> optional_int64(int row, int column) const;
  std::optional<std::int64_t> optional_time_us(int row, int column) const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

/// Told apart by SQLSTATE and constraint name, never by text.
struct Failure {
  enum class Kind : std::uint8_t {
    lost,     // the connection broke: whether the statement took effect is not known
    refused,  // never sent: no connection, or the queue is full
    sql,      // the server said no; nothing took effect
    pooled,   // never sent: a pooler in transaction mode is in between; `message` is for people
  };
  Kind kind = Kind::sql;
  std::string sqlstate = {};    // five characters
  std::string constraint = {};  // of a violated constraint
  std::string message = {};     // for logs only
  std::string statement = {};   // its name
  bool overloaded = false;      // refused because of a full queue

  bool is(std::string_view state) const { return sqlstate == state; }
};

inline constexpr std::string_view kUniqueViolation = "23505", kCheckViolation = "23514",
                                  kSerializationFailure = "40001", kDeadlock = "40P01",
                                  kQueryCanceled = "57014", kLockNotAvailable = "55P03",
                                  kDiskFull = "53100", kInvalidParameterValue = "22023";

template <class T>
using Result = std::expected<T, Failure>;

/// What a client is told: database_unavailable, database_timeout, storage_low, overloaded, or
/// internal_error.
/// Logs the failure.
Error to_error(const Failure& failure);

/// The same for a statement that reads as much as the client asked for. Instead of
/// database_timeout: range_too_wide, which says what to narrow.
Error to_error(const Failure& failure, std::string_view what_to_narrow);

}  // namespace instapay::pg
