#pragma once
// How entries tell of a proposal of staff (docs/decisions/0032, 0041): the member `approval` of
// their `change`.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sha256.h"
#include "core/uuid.h"

namespace instapay::ledger {

struct ProposalStep {
  Uuid proposal;
  std::string kind;                 // adjustment, limits, …
  std::string status;               // proposed, signed, approved, refused or withdrawn; of what was
                                    // carried out and is signed: executed
  std::string payload_hash;         // hexadecimal
  std::vector<Hash256> signatures;  // of what staff have signed: the proposer's first
};

/// The member, without the braces around it.
std::string member_of_step(const ProposalStep& step);
/// Of a whole `change` that names signatures and nothing else; nullopt of any other text.
std::optional<ProposalStep> signed_step(std::string_view change);

}  // namespace instapay::ledger
