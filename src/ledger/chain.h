#pragma once
// The proof: every transfer is a leaf of its batch's Merkle tree (RFC 6962 §2.1, SHA-256), every
// batch's hash covers the one before it. Whoever holds one hash of a chain can check all that
// came before. Pure.
#include <optional>
#include <span>
#include <vector>

#include "ledger/types.h"

namespace instapay::ledger {

/// A leaf covers every field of both entries of its transfer: what both sides know as it is, what
/// one side alone knows (its balance, the payer's key) as a hash, so that a receipt can prove the
/// transfer without showing it. Balances can be guessed, so each such hash is blinded.
struct Blinding {
  Hash128 payer{}, payee{};
};
/// From the batch's secret; who knows one of them learns nothing about any other.
Blinding blinding_of(const Hash256& batch_secret, std::int32_t position);

struct PrivateParts {
  Hash256 payer{}, payee{};
};
Hash256 payer_part(const Transfer& transfer, const Hash128& blinding);
Hash256 payee_part(const Transfer& transfer, const Hash128& blinding);

/// Looks at what both sides know only.
Hash256 leaf_hash(const Transfer& transfer, const PrivateParts& parts);
Hash256 leaf_hash(const Transfer& transfer, const Hash256& batch_secret);

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
  /// Blinds the leaves, which is how the hash covers it. Never leaves the database; a void row has
  /// none.
  Hash256 secret{};

  Hash256 hash() const;
};

/// What the first batch of a chain has for prev_hash.
Hash256 genesis_hash(std::int32_t chain_id);

}  // namespace instapay::ledger
