#pragma once
// Rows of `entries` as what the ledger's code works with.
#include "ledger/domain/transfer.h"
#include "pg/rows.h"

namespace instapay::ledger {

/// One side of a transfer as it stands in a row. Of the other side it knows the number only.
struct Entry {
  Transfer transfer;
  bool paid = false;  // the payer's side

  const AccountId& account() const { return paid ? transfer.payer : transfer.payee; }
  const Side& side() const { return paid ? transfer.payer_side : transfer.payee_side; }
};

/// Of a row with all columns of `entries`, in the order of the table.
Entry read_entry(const pg::Rows& rows, int row, int first_column = 0);

/// The columns of the row that are not stored in the form that the ledger writes; empty when all
/// are. Two stored forms of one value give equal Entries, so that a hash does not tell them apart.
std::string_view malformed_columns(const pg::Rows& rows, int row);

/// A hash as the column tells it; of another length: cut or filled with zeros.
Hash256 read_hash(const pg::Rows& rows, int row, int column);

}  // namespace instapay::ledger
