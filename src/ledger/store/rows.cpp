#include "ledger/store/rows.h"

#include <algorithm>

namespace instapay::ledger {
namespace {

// The columns of `entries`.
enum Column : int {
  kAccountId,
  kTransferId,
  kCounterpartyId,
  kRefundOf,
  kReference,
  kActorId,
  kSeq,
  kCounterpartySeq,
  kAmount,
  kBalanceAfter,
  kHeldAfter,
  kHeldChange,
  kSentToday,
  kCreatedAt,
  kBatchSeq,
  kChainId,
  kPosition,
  kKind,
  kIdempotencyKey,
  kRequestHash,
  kRefusedItems,
  kChange,
  kNote,
  kNoteHash,
};

template <class Hash>
Hash fixed(std::span<const std::uint8_t> bytes) {
  Hash out{};
  std::copy_n(bytes.begin(), std::min(out.size(), bytes.size()), out.begin());
  return out;
}

}  // namespace

Hash256 read_hash(const pg::Rows& rows, int row, int column) {
  return fixed<Hash256>(rows.bytes(row, column));
}

Entry read_entry(const pg::Rows& rows, int row, int first_column) {
  const auto at = [&](Column column) { return first_column + column; };
  const auto amount = [&](Column column) {
    return Amount{rows.optional_int64(row, at(column)).value_or(0)};
  };
  Entry entry;
  Transfer& t = entry.transfer;
  const Amount change = amount(kAmount);
  entry.paid = change <= Amount{0};
  const AccountId own{rows.uuid(row, at(kAccountId))}, other{rows.uuid(row, at(kCounterpartyId))};
  t.id = rows.uuid(row, at(kTransferId));
  t.payer = entry.paid ? own : other;
  t.payee = entry.paid ? other : own;
  t.amount = entry.paid ? -change : change;
  t.refund_of = rows.uuid(row, at(kRefundOf));
  t.reference = rows.uuid(row, at(kReference));
  t.actor = rows.uuid(row, at(kActorId));
  (entry.paid ? t.payer_side : t.payee_side) = {Seq{rows.int64(row, at(kSeq))},
                                                amount(kBalanceAfter), amount(kHeldAfter),
                                                amount(kHeldChange), amount(kSentToday)};
  (entry.paid ? t.payee_side : t.payer_side).seq = {rows.int64(row, at(kCounterpartySeq))};
  t.created = {rows.time_us(row, at(kCreatedAt))};
  t.place = {static_cast<std::int32_t>(rows.int64(row, at(kChainId))),
             rows.int64(row, at(kBatchSeq)),
             static_cast<std::int32_t>(rows.int64(row, at(kPosition)))};
  t.kind = static_cast<EntryKind>(rows.int64(row, at(kKind)));
  t.change = rows.text(row, at(kChange));
  t.note = rows.text(row, at(kNote));
  if (!rows.is_null(row, at(kNoteHash)))
    t.note_hash = fixed<Hash256>(rows.bytes(row, at(kNoteHash)));
  if (!rows.is_null(row, at(kIdempotencyKey))) {
    t.key = RequestKey{principal_of(t), fixed<Hash128>(rows.bytes(row, at(kIdempotencyKey))),
                       fixed<Hash128>(rows.bytes(row, at(kRequestHash)))};
    t.refused_items = rows.text(row, at(kRefusedItems));
  }
  return entry;
}

std::string_view malformed_columns(const pg::Rows& rows, int row) {
  const auto null_or = [&](Column column, auto good) {
    return rows.is_null(row, column) || good();
  };
  const auto text = [&](Column column) {
    return null_or(column, [&] { return !rows.text(row, column).empty(); });
  };
  const auto id = [&](Column column) {
    return null_or(column, [&] { return rows.uuid(row, column) != Uuid{}; });
  };
  const auto bytes = [&](Column column, std::size_t size) {
    return null_or(column, [&] { return rows.bytes(row, column).size() == size; });
  };
  if (!bytes(kIdempotencyKey, sizeof(Hash128)) || !bytes(kRequestHash, sizeof(Hash128)) ||
      rows.is_null(row, kIdempotencyKey) != rows.is_null(row, kRequestHash) ||
      (rows.is_null(row, kIdempotencyKey) && !rows.is_null(row, kRefusedItems)))
    return "idempotency_key, request_hash or refused_items";
  if (!text(kRefusedItems) || !text(kChange)) return "refused_items or change";
  if (!id(kRefundOf) || !id(kReference) || !id(kActorId)) return "refund_of, reference or actor_id";
  if (!null_or(kHeldChange, [&] { return rows.int64(row, kHeldChange) != 0; }))
    return "held_change";
  if (!text(kNote) || !bytes(kNoteHash, sizeof(Hash256)) ||
      !(rows.is_null(row, kNote) || rows.is_null(row, kNoteHash)))
    return "note or note_hash";
  return {};
}

}  // namespace instapay::ledger
