#include "core/uuid.h"

#include <algorithm>
#include <random>

#include "core/random.h"

namespace instapay {
namespace {

std::uint64_t next_random() {
  thread_local std::mt19937_64 generator = [] {
    std::array<std::uint32_t, 16> seed;
    fill_random(seed.data(), sizeof seed);
    std::seed_seq sequence(seed.begin(), seed.end());
    return std::mt19937_64(sequence);
  }();
  return generator();
}

constexpr char kHex[] = "0123456789abcdef";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool dash_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

void set_version(Uuid& id, std::uint8_t version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | (version << 4));
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
}

}  // namespace

Uuid Uuid::first_v7(std::int64_t unix_us) {
  unix_us = unix_us < 0 ? 0 : unix_us;
  const auto ms = static_cast<std::uint64_t>(unix_us / 1000);
  Uuid id;
  for (int i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  // The 12 bits after the version hold the microseconds (RFC 9562 §6.2, method 3), so that ids
  // made within one millisecond sort too.
  const auto sub_ms = static_cast<std::uint16_t>((unix_us % 1000) * 4096 / 1000);
  id.bytes[6] = static_cast<std::uint8_t>(sub_ms >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(sub_ms);
  set_version(id, 7);
  return id;
}

Uuid Uuid::v7(std::int64_t unix_us) {
  Uuid id = first_v7(unix_us);
  const std::uint64_t tail = next_random();
  std::memcpy(id.bytes.data() + 8, &tail, 8);
  set_version(id, 7);
  return id;
}

Uuid Uuid::v8(std::int64_t unix_us) {
  Uuid id = v7(unix_us);
  set_version(id, 8);
  return id;
}

Uuid Uuid::v6(std::int64_t unix_us) {
  // In steps of 100 ns since the Gregorian calendar began, 15 October 1582.
  constexpr std::int64_t kGregorian_us = 12'219'292'800'000'000;
  Uuid id;
  const std::uint64_t tail = next_random();
  std::memcpy(id.bytes.data() + 8, &tail, 8);
  // 60 bits of time, of which the version parts the last 12 from the others.
  const auto steps =
      (static_cast<std::uint64_t>(std::max<std::int64_t>(unix_us, 0) + kGregorian_us) * 10);
  for (int i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(steps >> (52 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(steps >> 8 & 0x0f);
  id.bytes[7] = static_cast<std::uint8_t>(steps);
  id.bytes[10] |= 0x01;  // the node is no network card's address
  set_version(id, 6);
  return id;
}

Uuid Uuid::random() {
  Uuid id;
  fill_random(id.bytes.data(), id.bytes.size());
  set_version(id, 4);
  return id;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dash_at(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = hex_digit(text[i]);
    if (digit < 0) return std::nullopt;
    auto& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | digit);
    ++nibble;
  }
  return id;
}

void Uuid::append_to(std::string& out) const {
  char text[36];
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    if (dash_at(at)) text[at++] = '-';
    text[at++] = kHex[byte >> 4];
    text[at++] = kHex[byte & 15];
  }
  out.append(text, sizeof text);
}

std::string Uuid::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

std::int64_t Uuid::unix_ms() const {
  std::int64_t ms = 0;
  for (int i = 0; i < 6; ++i) ms = ms << 8 | bytes[i];
  return ms;
}

}  // namespace instapay
