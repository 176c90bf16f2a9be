#pragma once
// A receipt: one transfer and the proof that it stands in the ledger, as a signed JWS that anybody
// can check without us: signature, leaf, Merkle path, batch hash. Pure.
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "auth/signing_key.h"
#include "core/money.h"
#include "ledger/proof/chain.h"
#include "ledger/proof/leaf.h"
#include "ledger/proof/merkle.h"
#include "transaction/authorization.h"
#include "transaction/proposal_proof.h"

namespace instapay::transaction {

inline constexpr std::size_t kReceiptMax_bytes = 16 * 1024;

/// What the payer's passkey has signed, with what is needed to check it.
struct Approval {
  PaymentAuthorization authorization;
  Hash128 idempotency_key{};  // its hash
  std::string origin;         // where it was signed; of receipts that are verified
};

struct Receipt {
  std::int64_t issued_at_s = 0;
  Currency currency;
  /// Of what one side alone knows (its balance; the payer's key), only what is shown.
  ledger::Transfer transfer;
  std::optional<Hash128> payer_blinding, payee_blinding;  // given for the side that is shown
  std::optional<Hash128> note_blinding;                   // given while the note has its text
  /// Where the payer has signed, while the note has its text and the payer is not erased.
  std::optional<Approval> approval;
  /// Where staff have signed what was carried out, while the note has its text; for its subject and
  /// staff.
  std::optional<ProposalProof> proposal;
  ledger::LeafParts parts;
  ledger::BatchRow batch;
  Hash256 batch_hash{};
  std::vector<Hash256> path;
};

/// Which side's own part a receipt shows.
enum class Shown : std::uint8_t { neither, payer, payee };

/// Of a transfer of this batch, whose transfers are all given, in their order; nullopt when they
/// are not what was hashed.
std::optional<Receipt> make_receipt(const ledger::BatchRow& batch,
                                    std::span<const ledger::Transfer> transfers, std::size_t index,
                                    Shown shown, Currency currency);

std::string sign_receipt(const Receipt& receipt, const auth::SigningKeys& keys);

/// Why a receipt is not to be believed.
struct ReceiptFault {
  std::string_view code;  // malformed, unknown_key, bad_signature, bad_field, not_in_batch,
                          // bad_authorization, bad_approval, …
  std::string detail;     // for people
};

std::expected<Receipt, ReceiptFault> verify_receipt(std::string_view text,
                                                    const auth::KeySet& keys);

}  // namespace instapay::transaction
