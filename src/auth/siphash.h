#pragma once
// SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash for tables whose keys strangers choose.
// Without the key nobody can make two keys collide on purpose.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace instapay::auth {

struct SipKey {
  std::uint64_t low = 0, high = 0;
};

constexpr std::uint64_t siphash(SipKey key, std::string_view text) {
  std::uint64_t v0 = key.low ^ 0x736f6d6570736575ULL;
  std::uint64_t v1 = key.high ^ 0x646f72616e646f6dULL;
  std::uint64_t v2 = key.low ^ 0x6c7967656e657261ULL;
  std::uint64_t v3 = key.high ^ 0x7465646279746573ULL;
  const auto rounds = [&](int count) {
    for (; count > 0; --count) {
      v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
      v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
    }
  };
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(text[i]));
  };

  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8; ++i) word |= byte(at + i) << (8 * i);
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56;
  for (std::size_t i = 0; at + i < text.size(); ++i) last |= byte(at + i) << (8 * i);
  v3 ^= last;
  rounds(2);
  v0 ^= last;
  v2 ^= 0xff;
  rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}

}  // namespace instapay::auth
