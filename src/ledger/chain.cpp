#include "ledger/chain.h"

#include <bit>
#include <cassert>

namespace instapay::ledger {
namespace {

// RFC 6962: different first bytes for leaves and nodes, so that neither passes for the other.
constexpr std::uint64_t kLeafPrefix = 0, kNodePrefix = 1;

Hash256 node_hash(const Hash256& left, const Hash256& right) {
  HashInput input;
  return input.number(kNodePrefix, 1).bytes(left).bytes(right).hash();
}

// The largest power of two below n.
std::size_t split(std::size_t n) { return std::bit_floor(n - 1); }

}  // namespace

Hash256 leaf_hash(const Transfer& t) {
  thread_local HashInput input;
  input.clear();
  input.number(kLeafPrefix, 1)
      .bytes(t.id.bytes)
      .bytes(t.payer.bytes)
      .bytes(t.payee.bytes)
      .bytes(t.refund_of.bytes)
      .number(static_cast<std::uint64_t>(t.amount_minor), 8)
      .number(static_cast<std::uint64_t>(t.payer_balance_minor), 8)
      .number(static_cast<std::uint64_t>(t.payee_balance_minor), 8)
      .number(static_cast<std::uint64_t>(t.created_us), 8)
      .number(static_cast<std::uint64_t>(t.kind), 2)
      .number(static_cast<std::uint64_t>(t.chain_id), 4)
      .number(static_cast<std::uint64_t>(t.batch_seq), 8)
      .number(static_cast<std::uint64_t>(t.position), 4)
      .number(t.key ? 1 : 0, 1);
  if (t.key) input.bytes(*t.key).bytes(t.request_hash);
  return input.text(t.note).hash();
}

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
  assert(index < leaves.size());
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

Hash256 BatchRow::hash() const {
  HashInput input;
  return input.text("instapay batch 1")
      .number(static_cast<std::uint64_t>(chain_id), 4)
      .number(static_cast<std::uint64_t>(seq), 8)
      .bytes(prev_hash)
      .bytes(merkle_root)
      .number(static_cast<std::uint64_t>(transfer_count), 4)
      .number(is_void ? 1 : 0, 1)
      .number(static_cast<std::uint64_t>(committed_us), 8)
      .hash();
}

Hash256 genesis_hash(std::int32_t chain_id) {
  HashInput input;
  return input.text("instapay chain 1").number(static_cast<std::uint64_t>(chain_id), 4).hash();
}

}  // namespace instapay::ledger
