#pragma once
// 128-bit identifiers. New ones are version 7 (RFC 9562 §5.7): they sort by time of creation.
#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace instapay {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;

  /// Version 7 with the given Unix time; random bits from a per-thread generator seeded by the
  /// kernel. Unique, not secret. Thread-safe.
  static Uuid v7(std::int64_t unix_us);

  /// The smallest version 7 id of that microsecond: a bound for ranges of time.
  static Uuid first_v7(std::int64_t unix_us);

  /// As v7(), but version 8: ids of another sort of thing, told apart by their version alone.
  static Uuid v8(std::int64_t unix_us);

  /// Version 6 (RFC 9562 §5.6): sorts by time as version 7 does, and is told apart from it.
  static Uuid v6(std::int64_t unix_us);
  int version() const { return bytes[6] >> 4; }

  /// Version 4 from the kernel's random source: unguessable.
  static Uuid random();

  /// Fixed ids, e.g. of system accounts: all zero but the last byte.
  static constexpr Uuid reserved(std::uint8_t last) {
    Uuid id;
    id.bytes[15] = last;
    return id;
  }

  /// The canonical 36 characters, hexadecimal of either case; nothing else.
  static std::optional<Uuid> parse(std::string_view text);

  std::string to_string() const;
  void append_to(std::string& out) const;

  /// The time inside a version 7 id, in milliseconds.
  std::int64_t unix_ms() const;
};

}  // namespace instapay

template <>
struct std::hash<instapay::Uuid> {
  std::size_t operator()(const instapay::Uuid& id) const noexcept {
    std::uint64_t high, low;
    std::memcpy(&high, id.bytes.data(), 8);
    std::memcpy(&low, id.bytes.data() + 8, 8);
    return (high ^ (low * 0x9e3779b97f4a7c15ULL)) * 0xff51afd7ed558ccdULL >> 7;
  }
};
