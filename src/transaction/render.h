#pragma once
// Transactions as JSON.
#include "core/json.h"
#include "ledger/domain/transfer.h"
#include "net/http.h"
#include "pg/rows.h"

namespace instapay::transaction {

/// The members of a Transaction; the caller opens and closes the object.
void write_transaction(JsonWriter& json, const ledger::Transfer& transfer, Currency currency);

/// 201 with the transaction and the payer's new balance; marked when it is a replay.
net::Response created(const ledger::Transfer& transfer, Currency currency);

/// The same as it is told to who received it, without a balance.
net::Response created_by_payee(const ledger::Transfer& transfer, Currency currency);

/// {"id", "username", "displayName"}, or null for a system account.
void write_public_user(JsonWriter& json, const Uuid& id, std::string_view username,
                       std::string_view display_name);

/// A transaction as `account` sees it, from a row of list_entries or entries_after.
void write_entry(JsonWriter& json, const pg::Rows& rows, int row, const Uuid& account,
                 Currency currency);

/// Whether the account is one of the two sides of a row of find_transfer.
bool is_side(const pg::Rows& rows, const Uuid& account);

/// A transaction with its two sides, from a row of find_transfer, search_entries or
/// search_transfers.
void write_detail(JsonWriter& json, const pg::Rows& rows, int row, Currency currency);

}  // namespace instapay::transaction
