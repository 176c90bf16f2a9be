#pragma once
// A change of every column of the ledger's tables, as SET lists: what the guards refuse, and the
// audit finds when somebody got past them.
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "pg/database.h"

namespace instapay::testing {

/// `column` begins with the name of the column that it is about.
struct Tampering {
  std::string_view column;
  std::string_view set;
};

inline constexpr auto kEntryTamperings = std::to_array<Tampering>({
    {"account_id", "account_id = gen_random_uuid()"},
    {"account_id of a system account", "account_id = '00000000-0000-0000-0000-000000000002'"},
    // To another digit, whichever it was.
    {"transfer_id",
     "transfer_id = overlay(transfer_id::text placing translate(right(transfer_id::text, 1),"
     " '0123456789abcdef', '123456789abcdef0') from 36)::uuid"},
    {"counterparty_id", "counterparty_id = gen_random_uuid()"},
    {"refund_of", "refund_of = gen_random_uuid()"},
    {"refund_of zero", "refund_of = '00000000-0000-0000-0000-000000000000'"},
    {"reference", "reference = gen_random_uuid()"},
    {"reference gone", "reference = NULL"},
    {"reference zero", "reference = '00000000-0000-0000-0000-000000000000'"},
    {"actor_id", "actor_id = gen_random_uuid()"},
    {"actor_id gone", "actor_id = NULL"},
    {"actor_id zero", "actor_id = '00000000-0000-0000-0000-000000000000'"},
    {"seq", "seq = seq + 1"},
    {"seq far", "seq = seq + 1000"},
    {"seq zero", "seq = 0"},
    {"counterparty_seq", "counterparty_seq = counterparty_seq + 1"},
    {"counterparty_seq none", "counterparty_seq = 0"},
    {"amount", "amount = amount - 1"},
    {"amount sign", "amount = -amount"},
    {"amount none", "amount = 0"},
    {"balance_after", "balance_after = balance_after + 1"},
    {"held_after", "held_after = held_after + 1"},
    {"held_change", "held_change = coalesce(held_change, 0) + 1"},
    {"held_change gone", "held_change = NULL"},
    {"held_change zero", "held_change = 0"},
    {"sent_today", "sent_today = sent_today + 1"},
    {"sent_today none", "sent_today = 0"},
    {"created_at", "created_at = created_at + interval '1 microsecond'"},
    {"created_at another day", "created_at = created_at - interval '1 day'"},
    {"batch_seq", "batch_seq = batch_seq + 1"},
    {"chain_id", "chain_id = chain_id + 1"},
    {"position", "position = position + 1"},
    {"position below", "position = -1"},
    {"kind", "kind = CASE kind WHEN 1 THEN 2 ELSE 1 END"},
    {"kind of one side", "kind = CASE kind WHEN 6 THEN 7 ELSE 6 END"},
    {"idempotency_key", "idempotency_key = substr(sha256(coalesce(idempotency_key, '')), 1, 16)"},
    {"idempotency_key gone", "idempotency_key = NULL"},
    {"idempotency_key and hash gone", "idempotency_key = NULL, request_hash = NULL"},
    {"idempotency_key and all gone",
     "idempotency_key = NULL, request_hash = NULL, refused_items = NULL"},
    {"idempotency_key and hash made",
     "idempotency_key = substr(sha256(''), 1, 16), request_hash = substr(sha256(''), 1, 16)"},
    {"idempotency_key longer", "idempotency_key = idempotency_key || '\\x00'"},
    {"idempotency_key shorter", "idempotency_key = substr(idempotency_key, 1, 15)"},
    {"request_hash", "request_hash = substr(sha256(coalesce(request_hash, '')), 1, 16)"},
    {"request_hash gone", "request_hash = NULL"},
    {"request_hash longer", "request_hash = request_hash || '\\x00'"},
    {"refused_items", "refused_items = coalesce(refused_items, '') || ';9:payee_not_found:0:0:0'"},
    {"refused_items gone", "refused_items = NULL"},
    {"refused_items empty", "refused_items = ''"},
    {"change", "change = '{\"status\":{\"before\":\"active\",\"after\":\"closed\"}}'"},
    {"change by a space", "change = change || ' '"},
    {"change gone", "change = NULL"},
    {"change empty", "change = ''"},
    {"note", "note = 'coffee'"},
    {"note gone", "note = NULL"},
    {"note empty", "note = ''"},
    {"note_hash", "note_hash = sha256('')"},
    {"note_hash and note gone", "note = NULL, note_hash = sha256('tea')"},
    {"note_hash shorter", "note = NULL, note_hash = '\\x00'"},
});

inline constexpr auto kBatchTamperings = std::to_array<Tampering>({
    {"chain_id", "chain_id = 77"},
    {"seq", "seq = 1000"},
    {"prev_hash", "prev_hash = set_byte(prev_hash, 0, get_byte(prev_hash, 0) # 1)"},
    {"merkle_root", "merkle_root = set_byte(merkle_root, 0, get_byte(merkle_root, 0) # 1)"},
    {"hash", "hash = set_byte(hash, 0, get_byte(hash, 0) # 1)"},
    {"hash longer", "hash = hash || '\\x00'"},
    {"merkle_root longer", "merkle_root = merkle_root || '\\x00'"},
    {"prev_hash longer", "prev_hash = prev_hash || '\\x00'"},
    {"transfer_count", "transfer_count = transfer_count + 1"},
    {"void", "void = NOT void"},
    {"committed_at", "committed_at = committed_at + interval '1 microsecond'"},
    {"secret", "secret = CASE WHEN void THEN sha256('') ELSE sha256(secret) END"},
    {"secret gone", "secret = CASE WHEN void THEN '\\x'::bytea END"},
    {"secret longer", "secret = coalesce(secret, sha256('')) || '\\x00'"},
});

/// Of accounts: `created_at` is no fact of the ledger's.
inline constexpr auto kAccountTamperings = std::to_array<Tampering>({
    {"id", "id = gen_random_uuid()"},
    {"kind", "kind = 1 - kind"},
    {"status", "status = 1 - status"},
    {"status closed", "status = 2"},
    {"frozen_by_owner", "status = 1, frozen_by_owner = true"},
    {"transfer_limit", "transfer_limit = coalesce(transfer_limit, 0) + 1"},
    {"transfer_limit gone", "transfer_limit = NULL"},
    {"daily_limit", "daily_limit = coalesce(daily_limit, 0) + 1"},
    {"daily_limit gone", "daily_limit = NULL"},
});

/// The columns that no tampering is about: a new column cannot be forgotten.
inline std::string untouched(pg::Connection& db, std::string_view table,
                             std::span<const Tampering> tamperings) {
  std::set<std::string_view> touched;
  for (const Tampering& each : tamperings)
    touched.insert(each.column.substr(0, each.column.find(' ')));
  std::string missing;
  const auto rows =
      rows_of(db.query({"columns",
                        "SELECT column_name::text FROM information_schema.columns"
                        " WHERE table_schema = 'public' AND table_name = $1::text ORDER BY 1"},
                       pg::Params().add(table)));
  for (int i = 0; i < rows.size(); ++i)
    if (!touched.contains(rows.text(i, 0)))
      missing += (missing.empty() ? "" : " ") + std::string(rows.text(i, 0));
  return missing;
}

}  // namespace instapay::testing
