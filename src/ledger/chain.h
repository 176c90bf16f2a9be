#pragma once
// The proof: every transfer is a leaf of its batch's Merkle tree (RFC 6962 §2.1, SHA-256), every
// batch's hash covers the one before it. Whoever holds one hash of a chain can check all that
// came before. Pure.
#include <optional>
#include <span>
#include <vector>

#include "ledger/types.h"

namespace instapay::ledger {

/// Covers every field of both entries of the transfer.
Hash256 leaf_hash(const Transfer& transfer);

/// Of no leaves: the hash of nothing (RFC 6962).
Hash256 merkle_root(std::span<const Hash256> leaves);

/// The siblings that lead from leaf `index` to the root, lowest first.
std::vector<Hash256> merkle_path(std::span<const Hash256> leaves, std::size_t index);
/// The root that a leaf and its path lead to; nullopt when a tree of `count` leaves has no such
/// path.
std::optional<Hash256> root_of_path(const Hash256& leaf, std::size_t index, std::size_t count,
                                    std::span<const Hash256> path);

/// A row of ledger_batches.
struct BatchRow {
  std::int32_t chain_id = 0;
  std::int64_t seq = 0;
  Hash256 prev_hash{};
  Hash256 merkle_root{};
  std::int32_t transfer_count = 0;
  bool is_void = false;
  std::int64_t committed_us = 0;

  Hash256 hash() const;
};

/// What the first batch of a chain has for prev_hash.
Hash256 genesis_hash(std::int32_t chain_id);

}  // namespace instapay::ledger
