#include "ledger/chain.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace instapay::ledger {
namespace {

// RFC 6962: different first bytes for leaves and nodes, so that neither passes for the other. The
// rest are ours.
constexpr std::uint64_t kLeafPrefix = 0, kNodePrefix = 1, kPayerPrefix = 2, kPayeePrefix = 3,
                        kBlindingPrefix = 4;

// Of one thread: most of the hashes are made for every transfer, and none needs a buffer of its
// own.
HashInput& begin(std::uint64_t prefix) {
  thread_local HashInput input;
  input.clear();
  return input.number(prefix, 1);
}

Hash256 node_hash(const Hash256& left, const Hash256& right) {
  return begin(kNodePrefix).bytes(left).bytes(right).hash();
}

// The largest power of two below n.
std::size_t split(std::size_t n) { return std::bit_floor(n - 1); }

}  // namespace

Blinding blinding_of(const Hash256& batch_secret, std::int32_t position) {
  const Hash256 both = begin(kBlindingPrefix)
                           .bytes(batch_secret)
                           .number(static_cast<std::uint64_t>(position), 4)
                           .hash();
  Blinding blinding;
  std::copy_n(both.begin(), blinding.payer.size(), blinding.payer.begin());
  std::copy_n(both.begin() + blinding.payer.size(), blinding.payee.size(), blinding.payee.begin());
  return blinding;
}

Hash256 payer_part(const Transfer& t, const Hash128& blinding) {
  HashInput& input = begin(kPayerPrefix).bytes(blinding);
  input.number(static_cast<std::uint64_t>(t.payer_balance_minor), 8).number(t.key ? 1 : 0, 1);
  if (t.key) input.bytes(*t.key).bytes(t.request_hash);
  return input.hash();
}

Hash256 payee_part(const Transfer& t, const Hash128& blinding) {
  return begin(kPayeePrefix)
      .bytes(blinding)
      .number(static_cast<std::uint64_t>(t.payee_balance_minor), 8)
      .hash();
}

Hash256 leaf_hash(const Transfer& t, const Hash256& batch_secret) {
  const Blinding blinding = blinding_of(batch_secret, t.position);
  return leaf_hash(t, {payer_part(t, blinding.payer), payee_part(t, blinding.payee)});
}

Hash256 leaf_hash(const Transfer& t, const PrivateParts& parts) {
  return begin(kLeafPrefix)
      .bytes(t.id.bytes)
      .bytes(t.payer.bytes)
      .bytes(t.payee.bytes)
      .bytes(t.refund_of.bytes)
      .number(static_cast<std::uint64_t>(t.amount_minor), 8)
      .number(static_cast<std::uint64_t>(t.created_us), 8)
      .number(static_cast<std::uint64_t>(t.kind), 2)
      .number(static_cast<std::uint64_t>(t.chain_id), 4)
      .number(static_cast<std::uint64_t>(t.batch_seq), 8)
      .number(static_cast<std::uint64_t>(t.position), 4)
      .bytes(parts.payer)
      .bytes(parts.payee)
      .text(t.note)
      .hash();
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
