#pragma once
// Parameters of a statement in PostgreSQL's binary format. Money goes as int8 and times as
// microseconds: nothing is ever rounded or reparsed.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/uuid.h"

namespace instapay::pg {

// Type OIDs (pg_type.dat).
inline constexpr std::uint32_t kOidBool = 16, kOidBytea = 17, kOidInt8 = 20, kOidInt2 = 21,
                               kOidInt4 = 23, kOidText = 25, kOidTid = 27, kOidDate = 1082,
                               kOidTimestamptz = 1184, kOidVoid = 2278, kOidUuid = 2950;

class Params {
 public:
  Params& add(std::int64_t value);
  Params& add(std::int32_t value);
  Params& add_int16(std::int16_t value);
  Params& add(bool value);
  Params& add(std::string_view value);
  Params& add(const char* value) { return add(std::string_view(value)); }
  Params& add(const std::string& value) { return add(std::string_view(value)); }
  Params& add(const Uuid& value);
  Params& add_bytes(std::span<const std::uint8_t> value);
  Params& add_bytes(std::string_view value) { return add(value); }
  Params& add_time(std::int64_t unix_us);
  Params& add_null();
  Params& add_optional_time(std::optional<std::int64_t> unix_us);

  template <class T>
  Params& add(const std::optional<T>& value) {
    return value ? add(*value) : add_null();
  }

  // Arrays.
  Params& add_array(std::span<const std::int64_t> values);
  Params& add_array(std::span<const std::int32_t> values);
  Params& add_array(std::span<const std::int16_t> values);
  Params& add_array(std::span<const Uuid> values);
  Params& add_array(std::span<const std::string_view> values);
  Params& add_array(std::span<const std::optional<std::int64_t>> values);
  /// Times; bytea (empty means NULL); uuids (all zero means NULL).
  Params& add_time_array(std::span<const std::int64_t> unix_us);
  Params& add_bytes_array(std::span<const std::string_view> values);
  Params& add_uuid_or_null_array(std::span<const Uuid> values);
  Params& add_text_or_null_array(std::span<const std::string_view> values);

  // For libpq.
  int size() const { return static_cast<int>(offsets_.size()); }
  struct Pointers {
    std::vector<const char*> values;
    std::vector<int> lengths, formats;
  };
  void point(Pointers& out) const;

 private:
  void begin();
  void end();
  void put16(std::uint16_t value);
  void put32(std::uint32_t value);
  void put64(std::uint64_t value);
  void array_header(std::uint32_t element_oid, std::size_t count, bool may_have_nulls);
  Params& add_text_like_array(std::uint32_t oid, std::span<const std::string_view> values,
                              bool empty_is_null);
  Params& add_uuid_array(std::span<const Uuid> values, bool zero_is_null);

  std::string data_;
  std::vector<std::pair<std::size_t, int>> offsets_;  // where it starts, length (-1: NULL)
};

/// PostgreSQL counts from 2000-01-01.
inline constexpr std::int64_t kPostgresEpoch_us = 946'684'800'000'000;

}  // namespace instapay::pg
