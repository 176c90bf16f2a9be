// Inclusion proofs: every leaf of any tree has one, and none fits anything else.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/proof/merkle.h"

namespace instapay::ledger {
namespace {

constexpr std::size_t kLeavesMax = 300;

Hash256 random_hash() {
  Hash256 hash{};
  for (auto& byte : hash) byte = *rc::gen::arbitrary<std::uint8_t>();
  return hash;
}

std::vector<Hash256> random_leaves() {
  const Hash256 seed = random_hash();
  std::vector<Hash256> leaves(*rc::gen::inRange<std::size_t>(1, kLeavesMax));
  Hash256 next = seed;
  for (Hash256& leaf : leaves)
    leaf = next = sha256({reinterpret_cast<const char*>(next.data()), next.size()});
  return leaves;
}

void flip_a_bit(Hash256& hash) {
  hash[*rc::gen::inRange<std::size_t>(0, hash.size())] ^=
      static_cast<std::uint8_t>(1 << *rc::gen::inRange(0, 8));
}

RC_GTEST_PROP(MerklePath, LeadsFromEveryLeafToTheRoot, ()) {
  const auto leaves = random_leaves();
  const Hash256 root = merkle_root(leaves);
  for (std::size_t i = 0; i < leaves.size(); ++i)
    RC_ASSERT(root_of_path(leaves[i], i, leaves.size(), merkle_path(leaves, i)) == root);
}

RC_GTEST_PROP(MerklePath, WithAnyBitFlippedLeadsElsewhere, ()) {
  const auto leaves = random_leaves();
  const auto index = *rc::gen::inRange<std::size_t>(0, leaves.size());
  auto path = merkle_path(leaves, index);
  Hash256 leaf = leaves[index];
  const auto place = *rc::gen::inRange<std::size_t>(0, path.size() + 1);
  flip_a_bit(place < path.size() ? path[place] : leaf);
  RC_ASSERT(root_of_path(leaf, index, leaves.size(), path) != merkle_root(leaves));
}

RC_GTEST_PROP(MerklePath, OfAnotherIndexOrLengthLeadsElsewhere, ()) {
  const auto leaves = random_leaves();
  RC_PRE(leaves.size() > 1);
  const auto index = *rc::gen::inRange<std::size_t>(0, leaves.size());
  const auto other = *rc::gen::inRange<std::size_t>(0, 2 * leaves.size());
  RC_PRE(other != index);
  auto path = merkle_path(leaves, index);
  const Hash256 root = merkle_root(leaves);
  RC_ASSERT(root_of_path(leaves[index], other, leaves.size(), path) != root);
  auto longer = path;
  longer.insert(longer.begin() +
                    static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, path.size() + 1)),
                random_hash());
  RC_ASSERT(root_of_path(leaves[index], index, leaves.size(), longer) != root);
  path.erase(path.begin() +
             static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, path.size())));
  RC_ASSERT(root_of_path(leaves[index], index, leaves.size(), path) != root);
}

}  // namespace
}  // namespace instapay::ledger
