#include "ledger/store/rows.h"

#include <algorithm>

namespace instapay::ledger {
namespace {

using Bytes = std::span<const std::uint8_t>;

template <class Hash>
Hash fixed(Bytes bytes) {
  Hash out{};
  std::copy_n(bytes.begin(), std::min(out.size(), bytes.size()), out.begin());
  return out;
}

}  // namespace

Hash256 hash_of(std::span<const std::uint8_t> column) { return fixed<Hash256>(column); }

Entry entry_of(const EntryRow& row) {
  Entry entry;
  Transfer& t = entry.transfer;
  entry.paid = row.amount <= 0;
  const AccountId own{row.account_id}, other{row.counterparty_id};
  t.id = row.transfer_id;
  t.payer = entry.paid ? own : other;
  t.payee = entry.paid ? other : own;
  t.amount = {entry.paid ? -row.amount : row.amount};
  t.refund_of = row.refund_of.value_or(Uuid{});
  t.reference = row.reference.value_or(Uuid{});
  t.actor = row.actor_id.value_or(Uuid{});
  (entry.paid ? t.payer_side : t.payee_side) = {Seq{row.seq},
                                                {row.balance_after},
                                                {row.held_after},
                                                {row.held_change.value_or(0)},
                                                {row.sent_today}};
  (entry.paid ? t.payee_side : t.payer_side).seq = {row.counterparty_seq};
  t.created = {row.created_at};
  t.place = {row.chain_id, row.batch_seq, row.position};
  t.kind = static_cast<EntryKind>(row.kind);
  t.change = row.change.value_or("");
  t.note = row.note.value_or("");
  if (row.note_hash) t.note_hash = fixed<Hash256>(*row.note_hash);
  if (row.idempotency_key) {
    t.key = RequestKey{principal_of(t), fixed<Hash128>(*row.idempotency_key),
                       fixed<Hash128>(row.request_hash.value_or(Bytes()))};
    t.refused_items = row.refused_items.value_or("");
  }
  return entry;
}

std::string_view malformed_columns(const EntryRow& row) {
  const auto text = [](const auto& column) { return !column || !column->empty(); };
  const auto id = [](const auto& column) { return !column || *column != Uuid{}; };
  const auto bytes = [](const auto& column, std::size_t size) {
    return !column || column->size() == size;
  };
  if (!bytes(row.idempotency_key, sizeof(Hash128)) || !bytes(row.request_hash, sizeof(Hash128)) ||
      row.idempotency_key.has_value() != row.request_hash.has_value() ||
      (!row.idempotency_key && row.refused_items))
    return "idempotency_key, request_hash or refused_items";
  if (!text(row.refused_items) || !text(row.change)) return "refused_items or change";
  if (!id(row.refund_of) || !id(row.reference) || !id(row.actor_id))
    return "refund_of, reference or actor_id";
  if (row.held_change == 0) return "held_change";
  if (!text(row.note) || !bytes(row.note_hash, sizeof(Hash256)) || (row.note && row.note_hash))
    return "note or note_hash";
  return {};
}

}  // namespace instapay::ledger
