#pragma once
// Rows of `entries` as what the ledger's code works with.
#include "ledger/domain/transfer.h"
#include "queries/ledger.h"

namespace instapay::ledger {

/// One side of a transfer as it stands in a row. Of the other side it knows the number only.
struct Entry {
  Transfer transfer;
  bool paid = false;  // the payer's side

  const AccountId& account() const { return paid ? transfer.payer : transfer.payee; }
  const Side& side() const { return paid ? transfer.payer_side : transfer.payee_side; }
};

using EntryRow = queries::ledger::BatchEntriesRow;

Entry entry_of(const EntryRow& row);

/// The columns of the row that are not stored in the form that the ledger writes; empty when all
/// are. Two stored forms of one value give equal Entries, so that a hash does not tell them apart.
std::string_view malformed_columns(const EntryRow& row);

/// A hash as the column tells it; of another length: cut or filled with zeros.
Hash256 hash_of(std::span<const std::uint8_t> column);

}  // namespace instapay::ledger
