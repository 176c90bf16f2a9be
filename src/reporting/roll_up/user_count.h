#pragma once
// How many different users: mergeable. Up to kExactUsersMax exact; past that HyperLogLog with 4,096
// registers, whose standard error is 1.6 % (Flajolet 2007; estimated as in Ertl 2017).
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/uuid.h"

namespace instapay::reporting {

inline constexpr std::size_t kExactUsersMax = 1'024;

class UserCount {
 public:
  void add(const Uuid& user);
  void merge(const UserCount& other);
  /// What encode() gave; false when it is not of that form.
  [[nodiscard]] bool merge(std::span<const std::uint8_t> encoded);
  /// The same bytes for the same users, in whatever order they came.
  std::string encode();
  std::int64_t estimate();

 private:
  void add_hash(std::uint64_t hash);
  void settle();
  void note(std::uint64_t hash);
  void make_registers();

  // One of the two. Hashes may repeat until they are settled; what is counted is the same.
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint8_t> registers_;
};

}  // namespace instapay::reporting
