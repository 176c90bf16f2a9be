#pragma once
// SHA-256 (FIPS 180-4) of bytes appended in order. Integers go in big-endian.
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace instapay {

using Hash256 = std::array<std::uint8_t, 32>;
using Hash128 = std::array<std::uint8_t, 16>;  // the first half of a SHA-256

Hash256 sha256(std::string_view bytes);
Hash128 sha256_half(std::string_view bytes);

std::string to_hex(std::span<const std::uint8_t> bytes);
/// As to_hex writes it: lower case, just as long as `out`; false otherwise.
bool from_hex(std::string_view text, std::span<std::uint8_t> out);

/// Collects the fields of what is hashed; each has a fixed width or carries its length.
class HashInput {
 public:
  HashInput& bytes(std::span<const std::uint8_t> value);
  HashInput& number(std::uint64_t value, int width_bytes);
  HashInput& text(std::string_view value);  // with its length before it
  Hash256 hash() const { return sha256(data_); }
  Hash128 half() const { return sha256_half(data_); }
  void clear() { data_.clear(); }

 private:
  std::string data_;
};

}  // namespace instapay
