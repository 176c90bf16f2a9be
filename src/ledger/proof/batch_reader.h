#pragma once
// Reads the transfers of one batch back from the database, for the proofs in receipts.
#include <optional>
#include <vector>

#include "ledger/domain/transfer.h"
#include "pg/pool.h"
#include "queries/ledger.h"

namespace instapay::ledger {

struct BatchPlace {
  std::int32_t chain_id = 0;
  std::int64_t seq = 0;
  std::int32_t transfer_count = 0;
  std::uint32_t near_block = 0;  // of the table: where one of its entries lies
};

using EntryRows = pg::TypedRows<queries::ledger::BatchEntriesRow>;

/// Its entries. No b-tree knows batches, because every transfer would pay for it: a batch is
/// written by one statement, so its entries are looked for around one of them, then in the block
/// ranges that BRIN names.
Task<pg::Result<EntryRows>> read_batch(pg::Pool& db, BatchPlace place);

/// Of what read_batch() has read, in the order of their positions; nullopt when the books do not
/// have the batch whole.
std::optional<std::vector<Transfer>> transfers_of(const EntryRows& rows, std::int32_t count);

}  // namespace instapay::ledger
