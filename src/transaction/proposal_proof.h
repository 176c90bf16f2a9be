#pragma once
// What staff have signed of a proposal (docs/decisions/0041): assertions of their passkeys whose
// challenge is the hash of the proposal and of what its signer decided. The chain covers their
// hashes, and receipts of what was carried out carry them. Pure.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transaction/authorization.h"

namespace instapay::transaction {

/// Of all parts of one signature together, so that a receipt holds two.
inline constexpr std::size_t kProposalSignatureMax_bytes = 2048;

inline constexpr std::string_view kProposed = "proposed", kApproved = "approved";

/// A proposal as it is signed.
struct SignedProposal {
  Uuid id;
  std::string kind;
  Uuid subject, beneficiary, proposer;  // a beneficiary of zeros is nobody
  std::string payload;                  // JSON: what is done, byte for byte
};

/// `decision` is kProposed or kApproved.
Hash256 proposal_challenge(const SignedProposal& proposal, std::string_view decision,
                           const Uuid& signer);

struct ProposalSignature {
  std::string decision;
  Uuid signer;
  PaymentAuthorization authorization;
  std::string origin = {};  // where it was signed; of receipts that are verified
};

struct ProposalProof {
  SignedProposal proposal;
  std::vector<ProposalSignature> signatures;  // the proposer's first
};

/// Whether the transfer is what was proposed and each signature is its signer's of just that; what
/// is wrong, for people. Notes where each was signed.
std::optional<std::string> contradiction(ProposalProof& proof, const ledger::Transfer& transfer,
                                         Currency currency);

}  // namespace instapay::transaction
