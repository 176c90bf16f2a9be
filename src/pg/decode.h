#pragma once
// PostgreSQL's binary values as members of the generated row structs. A value that its statement's
// file declares otherwise (./test pg holds every file to the schema) is a bug and ends the process.
#include <endian.h>

#include <array>
#include <cstring>

#include "core/check.h"
#include "pg/params.h"
#include "pg/rows.h"

namespace instapay::pg {

/// Where a row lies in its table.
struct Tid {
  std::uint32_t block = 0;
  std::uint16_t offset = 0;
};

namespace decode {

template <class T>
T load(Cell cell) {
  CHECK(cell.length == static_cast<int>(sizeof(T)));
  T value;
  std::memcpy(&value, cell.data, sizeof value);
  return value;
}

inline std::int64_t bigint(Cell cell) {
  return static_cast<std::int64_t>(be64toh(load<std::uint64_t>(cell)));
}

inline std::int32_t integer(Cell cell) {
  return static_cast<std::int32_t>(be32toh(load<std::uint32_t>(cell)));
}

inline std::int16_t smallint(Cell cell) {
  return static_cast<std::int16_t>(be16toh(load<std::uint16_t>(cell)));
}

inline bool boolean(Cell cell) { return load<char>(cell) != 0; }

/// Microseconds since 1970.
inline std::int64_t timestamptz(Cell cell) { return bigint(cell) + kPostgresEpoch_us; }

/// A view into the result.
inline std::string_view text(Cell cell) {
  CHECK(!cell.is_null());
  return {cell.data, static_cast<std::size_t>(cell.length)};
}

/// A view into the result.
inline std::span<const std::uint8_t> bytea(Cell cell) {
  const std::string_view view = text(cell);
  return {reinterpret_cast<const std::uint8_t*>(view.data()), view.size()};
}

inline Uuid uuid(Cell cell) {
  Uuid id;
  CHECK(cell.length == static_cast<int>(id.bytes.size()));
  std::memcpy(id.bytes.data(), cell.data, id.bytes.size());
  return id;
}

inline Tid tid(Cell cell) {
  CHECK(cell.length == 6);
  return {static_cast<std::uint32_t>(integer({cell.data, 4})),
          static_cast<std::uint16_t>(smallint({cell.data + 4, 2}))};
}

/// A sum of amounts, which statements give as text: numeric has no other exact form.
Total total(Cell cell);

template <auto Decode>
auto optional(Cell cell) {
  using Value = decltype(Decode(cell));
  return cell.is_null() ? std::optional<Value>() : std::optional<Value>(Decode(cell));
}

}  // namespace decode
}  // namespace instapay::pg
