#include "reporting/roll_up/user_count.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace instapay::reporting {
namespace {

constexpr int kIndexBits = 12;
constexpr std::size_t kRegisters = std::size_t{1} << kIndexBits;
constexpr int kRankMax = 64 - kIndexBits + 1;
constexpr char kHashesFollow = 1, kRegistersFollow = 2;

// The last step of MurmurHash3: every bit of the input changes half of the output's.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 33) * 0xff51afd7ed558ccdULL;
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53ULL;
  return x ^ x >> 33;
}

std::uint64_t word(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | bytes[i];
  return value;
}

std::uint64_t hash_of(const Uuid& user) {
  return mix(word(user.bytes.data()) ^ mix(word(user.bytes.data() + 8)));
}

// A count of people is no money. Both sums end when adding changes nothing any more.
using Real = double;  // tidy: allow(float)

Real sum_of_empty(Real share) {
  if (share >= 1) return std::numeric_limits<Real>::infinity();
  Real sum = share, last = -1, weight = 1;
  while (sum != last) {
    share *= share;
    last = sum;
    sum += share * weight;
    weight += weight;
  }
  return sum;
}

Real sum_of_full(Real share) {
  if (share <= 0 || share >= 1) return 0;
  Real sum = 1 - share, last = -1, weight = 1;
  while (sum != last) {
    share = std::sqrt(share);
    last = sum;
    weight /= 2;
    sum -= (1 - share) * (1 - share) * weight;
  }
  return sum / 3;
}

}  // namespace

void UserCount::add(const Uuid& user) { add_hash(hash_of(user)); }

void UserCount::add_hash(std::uint64_t hash) {
  if (!registers_.empty()) return note(hash);
  hashes_.push_back(hash);
  if (hashes_.size() >= 4 * kExactUsersMax) settle();
}

void UserCount::note(std::uint64_t hash) {
  const auto rank =
      static_cast<std::uint8_t>(std::min(std::countl_zero(hash << kIndexBits) + 1, kRankMax));
  std::uint8_t& found = registers_[hash >> (64 - kIndexBits)];
  found = std::max(found, rank);
}

void UserCount::settle() {
  if (!registers_.empty()) return;
  std::ranges::sort(hashes_);
  hashes_.erase(std::ranges::unique(hashes_).begin(), hashes_.end());
  if (hashes_.size() > kExactUsersMax) make_registers();
}

void UserCount::make_registers() {
  if (!registers_.empty()) return;
  registers_.resize(kRegisters);
  for (const std::uint64_t hash : hashes_) note(hash);
  hashes_ = {};
}

void UserCount::merge(const UserCount& other) {
  if (other.registers_.empty()) {
    for (const std::uint64_t hash : other.hashes_) add_hash(hash);
    return;
  }
  make_registers();
  for (std::size_t i = 0; i < kRegisters; ++i)
    registers_[i] = std::max(registers_[i], other.registers_[i]);
}

bool UserCount::merge(std::span<const std::uint8_t> encoded) {
  if (encoded.empty()) return true;
  const auto form = static_cast<char>(encoded.front());
  encoded = encoded.subspan(1);
  if (form == kHashesFollow) {
    if (encoded.size() % 8 != 0 || encoded.size() > kExactUsersMax * 8) return false;
    for (; !encoded.empty(); encoded = encoded.subspan(8)) add_hash(word(encoded.data()));
    return true;
  }
  if (form != kRegistersFollow || encoded.size() != kRegisters) return false;
  if (std::ranges::max(encoded) > kRankMax) return false;
  make_registers();
  for (std::size_t i = 0; i < kRegisters; ++i) registers_[i] = std::max(registers_[i], encoded[i]);
  return true;
}

std::string UserCount::encode() {
  settle();
  if (!registers_.empty())
    return kRegistersFollow + std::string(registers_.begin(), registers_.end());
  std::string out(1, kHashesFollow);
  for (const std::uint64_t hash : hashes_)
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(hash >> shift));
  return out;
}

std::int64_t UserCount::estimate() {
  settle();
  if (registers_.empty()) return static_cast<std::int64_t>(hashes_.size());
  std::array<int, kRankMax + 1> with_rank{};
  for (const std::uint8_t rank : registers_) ++with_rank.at(rank);
  constexpr Real kAll = kRegisters;
  Real sum = kAll * sum_of_full((kAll - with_rank.back()) / kAll);
  for (std::size_t rank = kRankMax - 1; rank >= 1; --rank) sum = (sum + with_rank.at(rank)) / 2;
  sum += kAll * sum_of_empty(with_rank.front() / kAll);
  constexpr Real kHalfOfLog2e = 0.72134752044448170368;
  return std::llround(kHalfOfLog2e * kAll * kAll / sum);
}

}  // namespace instapay::reporting
