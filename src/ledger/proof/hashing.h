#pragma once
// First bytes of what is hashed, so that nothing passes for a thing of another kind. Leaves and
// nodes are RFC 6962's, the rest are ours.
#include <cstdint>

#include "core/sha256.h"

namespace instapay::ledger {

enum class HashPrefix : std::uint8_t {
  leaf = 0,
  node = 1,
  payer = 2,
  payee = 3,
  blinding = 4,
  note = 5,
  authorization = 6,
  payment = 7,
  proposal = 8
};

/// Of one thread: most hashes are made for every transfer, and none needs a buffer of its own.
inline HashInput& begin_hash(HashPrefix prefix) {
  thread_local HashInput input;
  input.clear();
  return input.number(static_cast<std::uint64_t>(prefix), 1);
}

}  // namespace instapay::ledger
