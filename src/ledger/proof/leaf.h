#pragma once
// What the chain covers of a transfer: every field of its entries. What both sides know goes in as
// it is; what one side alone knows (its state, the payer's key) and the note go in as hashes of
// their own, so that a receipt can prove the transfer without showing them, and a note's text can
// be erased. Balances and notes can be guessed, so each such hash is blinded. Pure.
#include "ledger/domain/transfer.h"

namespace instapay::ledger {

struct Blinding {
  Hash128 payer{}, payee{}, note{};
};
/// From the batch's secret; who knows one of them learns nothing about any other.
Blinding blinding_of(const Hash256& batch_secret, std::int32_t position);

/// The blinded parts of a leaf.
struct LeafParts {
  Hash256 payer{}, payee{}, note{};
};
Hash256 payer_part(const Transfer& transfer, const Hash128& blinding);
Hash256 payee_part(const Transfer& transfer, const Hash128& blinding);
Hash256 note_part(std::string_view note, const Hash128& blinding);
/// A note that was erased has left its part behind.
LeafParts parts_of(const Transfer& transfer, const Blinding& blinding);

/// Looks at what both sides know only.
Hash256 leaf_hash(const Transfer& transfer, std::string_view currency, const LeafParts& parts);
Hash256 leaf_hash(const Transfer& transfer, std::string_view currency, const Hash256& batch_secret);

}  // namespace instapay::ledger
