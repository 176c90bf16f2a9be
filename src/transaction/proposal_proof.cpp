#include "transaction/proposal_proof.h"

#include <fmt/format.h>

#include "ledger/proof/hashing.h"

namespace instapay::transaction {
namespace {

std::string text_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  return found == nullptr ? std::string() : found->text;
}

std::optional<std::int64_t> amount_of(const Json& object, std::string_view name,
                                      Currency currency) {
  const auto amount = parse_amount(text_of(object, name), currency);
  return amount ? std::optional(*amount) : std::nullopt;
}

bool is_adjustment_of(const SignedProposal& proposal, const Json& payload,
                      const ledger::Transfer& transfer, Currency currency) {
  const auto amount = amount_of(payload, "amount", currency);
  if (!amount || *amount == 0) return false;
  const bool pays_in = *amount > 0;
  const auto& [wallet, other] = pays_in ? std::pair(transfer.payee, transfer.payer)
                                        : std::pair(transfer.payer, transfer.payee);
  return wallet.uuid == proposal.subject && other == ledger::kSettlementAccount &&
         proposal.beneficiary == Uuid{} && transfer.amount.minor == (pays_in ? *amount : -*amount);
}

// No more goes where it was said to go than was shown.
bool is_rest_of(const SignedProposal& proposal, const Json& payload,
                const ledger::Transfer& transfer, Currency currency) {
  const Json* before = payload.find("before");
  const auto balance = before == nullptr ? std::nullopt : amount_of(*before, "balance", currency);
  const Uuid payee = transfer.payee.uuid;
  return balance && transfer.amount.minor <= *balance && text_of(payload, "status") == "closed" &&
         text_of(payload, "restTo") == payee.to_string() &&
         transfer.payer.uuid == proposal.subject &&
         proposal.beneficiary == (transfer.payee == ledger::kSettlementAccount ? Uuid{} : payee);
}

bool is_of(const SignedProposal& proposal, const ledger::Transfer& transfer, Currency currency) {
  const auto payload = parse_json(proposal.payload);
  if (!payload || transfer.kind != ledger::EntryKind::adjustment ||
      transfer.actor != proposal.proposer || text_of(*payload, "reason") != transfer.note)
    return false;
  if (proposal.kind == "adjustment")
    return is_adjustment_of(proposal, *payload, transfer, currency);
  return proposal.kind == "closing" && is_rest_of(proposal, *payload, transfer, currency);
}

bool may_sign(const SignedProposal& proposal, const ProposalSignature& signature) {
  if (signature.decision == kProposed) return signature.signer == proposal.proposer;
  return signature.decision == kApproved && signature.signer != proposal.proposer &&
         signature.signer != proposal.subject && signature.signer != proposal.beneficiary;
}

}  // namespace

Hash256 proposal_challenge(const SignedProposal& proposal, std::string_view decision,
                           const Uuid& signer) {
  return ledger::begin_hash(ledger::HashPrefix::proposal)
      .bytes(proposal.id.bytes)
      .text(proposal.kind)
      .bytes(proposal.subject.bytes)
      .bytes(proposal.beneficiary.bytes)
      .bytes(proposal.proposer.bytes)
      .text(proposal.payload)
      .text(decision)
      .bytes(signer.bytes)
      .hash();
}

std::optional<std::string> contradiction(ProposalProof& proof, const ledger::Transfer& transfer,
                                         Currency currency) {
  if (!is_of(proof.proposal, transfer, currency)) return "it is not what was proposed";
  const ProposalSignature* before = nullptr;
  for (ProposalSignature& signature : proof.signatures) {
    if (!may_sign(proof.proposal, signature))
      return "one of its signatures is of somebody who could not give it";
    if (before != nullptr &&
        (before->decision != kProposed || signature.decision != kApproved ||
         before->authorization.public_key == signature.authorization.public_key))
      return "its signatures are not of two people";
    const auto origin = verify_authorization(
        signature.authorization,
        proposal_challenge(proof.proposal, signature.decision, signature.signer));
    if (!origin)
      return fmt::format("a passkey has not signed that this was {} ({})", signature.decision,
                         auth::name_of(origin.error()));
    signature.origin = *origin;
    before = &signature;
  }
  return std::nullopt;
}

}  // namespace instapay::transaction
