#pragma once
// The proof: every transfer is a leaf of its batch's Merkle tree, every batch's hash covers the one
// before it. Whoever holds one hash of a chain can check all that came before. Pure.
#include "core/sha256.h"
#include "ledger/domain/units.h"

namespace instapay::ledger {

/// A row of ledger_batches.
struct BatchRow {
  std::int32_t chain_id = 0;
  std::int64_t seq = 0;
  Hash256 prev_hash{};
  Hash256 merkle_root{};
  std::int32_t transfer_count = 0;
  bool is_void = false;
  Time committed;
  /// Blinds the leaves, which is how the hash covers it. Never leaves the database; a void row has
  /// none.
  Hash256 secret{};

  Hash256 hash() const;
};

/// A batch's row, as those name it that rely on it.
struct BatchRef {
  std::int32_t chain_id = 0;
  std::int64_t seq = 0;
  Hash256 hash{};
};

/// What the first batch of a chain has for prev_hash.
Hash256 genesis_hash(std::int32_t chain_id);

}  // namespace instapay::ledger
