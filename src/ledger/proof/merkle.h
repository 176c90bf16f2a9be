#pragma once
// The Merkle tree of a batch: RFC 6962 §2.1 with SHA-256. Pure.
#include <optional>
#include <span>
#include <vector>

#include "core/sha256.h"

namespace instapay::ledger {

/// Of no leaves: the hash of nothing.
Hash256 merkle_root(std::span<const Hash256> leaves);

/// The siblings that lead from leaf `index` to the root, lowest first.
std::vector<Hash256> merkle_path(std::span<const Hash256> leaves, std::size_t index);
/// The root that a leaf and its path lead to; nullopt when a tree of `count` leaves has no such
/// path.
std::optional<Hash256> root_of_path(const Hash256& leaf, std::size_t index, std::size_t count,
                                    std::span<const Hash256> path);

}  // namespace instapay::ledger
