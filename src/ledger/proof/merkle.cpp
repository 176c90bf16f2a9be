#include "ledger/proof/merkle.h"

#include <bit>

#include "core/check.h"
#include "ledger/proof/hashing.h"

namespace instapay::ledger {
namespace {

Hash256 node_hash(const Hash256& left, const Hash256& right) {
  return begin_hash(HashPrefix::node).bytes(left).bytes(right).hash();
}

// The largest power of two below n.
std::size_t split(std::size_t n) { return std::bit_floor(n - 1); }

}  // namespace

Hash256 merkle_root(std::span<const Hash256> leaves) {
  if (leaves.empty()) return sha256({});
  // Level by level, an odd last node moving up as it is: the same tree as RFC 6962's recursion.
  std::vector<Hash256> level(leaves.begin(), leaves.end());
  while (level.size() > 1) {
    std::size_t out = 0;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2)
      level[out++] = node_hash(level[i], level[i + 1]);
    if (level.size() % 2 == 1) level[out++] = level.back();
    level.resize(out);
  }
  return level.front();
}

std::vector<Hash256> merkle_path(std::span<const Hash256> leaves, std::size_t index) {
  CHECK(index < leaves.size());
  if (leaves.size() == 1) return {};
  const std::size_t k = split(leaves.size());
  const auto left = leaves.first(k), right = leaves.subspan(k);
  auto path = index < k ? merkle_path(left, index) : merkle_path(right, index - k);
  path.push_back(merkle_root(index < k ? right : left));
  return path;
}

std::optional<Hash256> root_of_path(const Hash256& leaf, std::size_t index, std::size_t count,
                                    std::span<const Hash256> path) {
  if (index >= count || path.empty() != (count == 1)) return std::nullopt;
  if (count == 1) return leaf;
  const std::size_t k = split(count);
  const bool left = index < k;
  const auto inner = root_of_path(leaf, left ? index : index - k, left ? k : count - k,
                                  path.first(path.size() - 1));
  if (!inner) return std::nullopt;
  return left ? node_hash(*inner, path.back()) : node_hash(path.back(), *inner);
}

}  // namespace instapay::ledger
