#include "pg/params.h"

#include <endian.h>

namespace instapay::pg {

void Params::begin() { offsets_.emplace_back(data_.size(), 0); }
void Params::end() {
  offsets_.back().second = static_cast<int>(data_.size() - offsets_.back().first);
}
void Params::put16(std::uint16_t value) {
  const std::uint16_t big = htobe16(value);
  data_.append(reinterpret_cast<const char*>(&big), sizeof big);
}
void Params::put32(std::uint32_t value) {
  const std::uint32_t big = htobe32(value);
  data_.append(reinterpret_cast<const char*>(&big), sizeof big);
}
void Params::put64(std::uint64_t value) {
  const std::uint64_t big = htobe64(value);
  data_.append(reinterpret_cast<const char*>(&big), sizeof big);
}

Params& Params::add(std::int64_t value) {
  begin();
  put64(static_cast<std::uint64_t>(value));
  end();
  return *this;
}
Params& Params::add(std::int32_t value) {
  begin();
  put32(static_cast<std::uint32_t>(value));
  end();
  return *this;
}
Params& Params::add_int16(std::int16_t value) {
  begin();
  put16(static_cast<std::uint16_t>(value));
  end();
  return *this;
}
Params& Params::add(bool value) {
  begin();
  data_ += value ? '\1' : '\0';
  end();
  return *this;
}
Params& Params::add(std::string_view value) {
  begin();
  data_ += value;
  end();
  return *this;
}
Params& Params::add(const Uuid& value) { return add_bytes(value.bytes); }
Params& Params::add_bytes(std::span<const std::uint8_t> value) {
  begin();
  data_.append(reinterpret_cast<const char*>(value.data()), value.size());
  end();
  return *this;
}
Params& Params::add_time(std::int64_t unix_us) { return add(unix_us - kPostgresEpoch_us); }
Params& Params::add_optional_time(std::optional<std::int64_t> unix_us) {
  return unix_us ? add_time(*unix_us) : add_null();
}
Params& Params::add_null() {
  offsets_.emplace_back(data_.size(), -1);
  return *this;
}

void Params::array_header(std::uint32_t element_oid, std::size_t count, bool may_have_nulls) {
  put32(count == 0 ? 0 : 1);  // dimensions
  put32(may_have_nulls ? 1 : 0);
  put32(element_oid);
  if (count == 0) return;
  put32(static_cast<std::uint32_t>(count));
  put32(1);  // lower bound
}

Params& Params::add_array(std::span<const std::int64_t> values) {
  begin();
  array_header(kOidInt8, values.size(), false);
  for (const auto value : values) {
    put32(8);
    put64(static_cast<std::uint64_t>(value));
  }
  end();
  return *this;
}
Params& Params::add_array(std::span<const std::int32_t> values) {
  begin();
  array_header(kOidInt4, values.size(), false);
  for (const auto value : values) {
    put32(4);
    put32(static_cast<std::uint32_t>(value));
  }
  end();
  return *this;
}
Params& Params::add_array(std::span<const std::int16_t> values) {
  begin();
  array_header(kOidInt2, values.size(), false);
  for (const auto value : values) {
    put32(2);
    put16(static_cast<std::uint16_t>(value));
  }
  end();
  return *this;
}
Params& Params::add_array(std::span<const std::optional<std::int64_t>> values) {
  begin();
  array_header(kOidInt8, values.size(), true);
  for (const auto& value : values) {
    put32(value ? 8 : 0xffffffff);
    if (value) put64(static_cast<std::uint64_t>(*value));
  }
  end();
  return *this;
}
Params& Params::add_array(std::span<const Uuid> values) { return add_uuid_array(values, false); }
Params& Params::add_uuid_or_null_array(std::span<const Uuid> values) {
  return add_uuid_array(values, true);
}
Params& Params::add_uuid_array(std::span<const Uuid> values, bool zero_is_null) {
  begin();
  array_header(kOidUuid, values.size(), zero_is_null);
  for (const auto& value : values) {
    if (zero_is_null && value == Uuid{}) {
      put32(0xffffffff);
      continue;
    }
    put32(16);
    data_.append(reinterpret_cast<const char*>(value.bytes.data()), 16);
  }
  end();
  return *this;
}
Params& Params::add_time_array(std::span<const std::int64_t> unix_us) {
  begin();
  array_header(kOidTimestamptz, unix_us.size(), false);
  for (const auto value : unix_us) {
    put32(8);
    put64(static_cast<std::uint64_t>(value - kPostgresEpoch_us));
  }
  end();
  return *this;
}
Params& Params::add_array(std::span<const std::string_view> values) {
  return add_text_like_array(kOidText, values, false);
}
Params& Params::add_text_or_null_array(std::span<const std::string_view> values) {
  return add_text_like_array(kOidText, values, true);
}
Params& Params::add_bytes_array(std::span<const std::string_view> values) {
  return add_text_like_array(kOidBytea, values, true);
}
Params& Params::add_text_like_array(std::uint32_t oid, std::span<const std::string_view> values,
                                    bool empty_is_null) {
  begin();
  array_header(oid, values.size(), empty_is_null);
  for (const auto& value : values) {
    if (empty_is_null && value.empty()) {
      put32(0xffffffff);
      continue;
    }
    put32(static_cast<std::uint32_t>(value.size()));
    data_ += value;
  }
  end();
  return *this;
}

void Params::point(Pointers& out) const {
  out.values.clear();
  out.lengths.clear();
  for (const auto& [offset, length] : offsets_) {
    out.values.push_back(length < 0 ? nullptr : data_.data() + offset);
    out.lengths.push_back(length < 0 ? 0 : length);
  }
  out.formats.assign(offsets_.size(), 1);
}

}  // namespace instapay::pg
