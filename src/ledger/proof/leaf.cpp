#include "ledger/proof/leaf.h"

#include <algorithm>

#include "ledger/proof/hashing.h"

namespace instapay::ledger {
namespace {

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

HashInput& side(HashPrefix prefix, const Side& side, const Hash128& blinding) {
  return begin_hash(prefix)
      .bytes(blinding)
      .number(bits(side.seq.value), 8)
      .number(bits(side.balance.minor), 8)
      .number(bits(side.held.minor), 8)
      .number(bits(side.held_change.minor), 8)
      .number(bits(side.sent_today.minor), 8);
}

}  // namespace

Blinding blinding_of(const Hash256& batch_secret, std::int32_t position) {
  Blinding blinding;
  const auto derive = [&](std::uint64_t use) {
    return begin_hash(HashPrefix::blinding)
        .bytes(batch_secret)
        .number(bits(position), 4)
        .number(use, 1)
        .hash();
  };
  const Hash256 sides = derive(0), note = derive(1);
  std::copy_n(sides.begin(), blinding.payer.size(), blinding.payer.begin());
  std::copy_n(sides.begin() + blinding.payer.size(), blinding.payee.size(), blinding.payee.begin());
  std::copy_n(note.begin(), blinding.note.size(), blinding.note.begin());
  return blinding;
}

Hash256 payer_part(const Transfer& t, const Hash128& blinding) {
  HashInput& input = side(HashPrefix::payer, t.payer_side, blinding);
  input.number(t.key ? 1 : 0, 1);
  if (t.key) input.bytes(t.key->key).bytes(t.key->request).text(t.refused_items);
  return input.hash();
}

Hash256 payee_part(const Transfer& t, const Hash128& blinding) {
  return side(HashPrefix::payee, t.payee_side, blinding).hash();
}

Hash256 note_part(std::string_view note, const Hash128& blinding) {
  return begin_hash(HashPrefix::note).bytes(blinding).text(note).hash();
}

LeafParts parts_of(const Transfer& t, const Blinding& blinding) {
  return {payer_part(t, blinding.payer), payee_part(t, blinding.payee),
          t.note_hash ? *t.note_hash : note_part(t.note, blinding.note)};
}

Hash256 leaf_hash(const Transfer& t, std::string_view currency, const Hash256& batch_secret) {
  return leaf_hash(t, currency, parts_of(t, blinding_of(batch_secret, t.place.position)));
}

Hash256 leaf_hash(const Transfer& t, std::string_view currency, const LeafParts& parts) {
  return begin_hash(HashPrefix::leaf)
      .bytes(t.id.bytes)
      .bytes(t.payer.uuid.bytes)
      .bytes(t.payee.uuid.bytes)
      .bytes(t.refund_of.bytes)
      .bytes(t.reference.bytes)
      .bytes(t.actor.bytes)
      .number(bits(t.amount.minor), 8)
      .text(currency)
      .number(bits(t.created.us), 8)
      .number(static_cast<std::uint64_t>(t.kind), 2)
      .number(bits(t.place.chain_id), 4)
      .number(bits(t.place.batch_seq), 8)
      .number(bits(t.place.position), 4)
      .bytes(parts.payer)
      .bytes(parts.payee)
      .bytes(parts.note)
      .text(t.change)
      .hash();
}

}  // namespace instapay::ledger
