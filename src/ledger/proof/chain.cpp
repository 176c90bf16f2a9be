#include "ledger/proof/chain.h"

namespace instapay::ledger {

Hash256 BatchRow::hash() const {
  HashInput input;
  return input.text("instapay batch 2")
      .number(static_cast<std::uint64_t>(chain_id), 4)
      .number(static_cast<std::uint64_t>(seq), 8)
      .bytes(prev_hash)
      .bytes(merkle_root)
      .number(static_cast<std::uint64_t>(transfer_count), 4)
      .number(is_void ? 1 : 0, 1)
      .number(static_cast<std::uint64_t>(committed.us), 8)
      .hash();
}

Hash256 genesis_hash(std::int32_t chain_id) {
  HashInput input;
  return input.text("instapay chain 2").number(static_cast<std::uint64_t>(chain_id), 4).hash();
}

}  // namespace instapay::ledger
