#pragma once
// Erasure (GDPR art. 17): name, addresses, password, sessions and notes of a closed account go. The
// amounts stay, and with the hashes of the notes every chain and receipt still verifies.
#include <optional>
#include <string>

#include "ledger/ledger.h"
#include "pg/pool.h"

namespace instapay::user {

/// The proposal that an erasure ends, and who approved it.
struct ApprovedErasure {
  Uuid proposal, approver;
};

/// `user`: id, e-mail address or username. What is interrupted is finished by asking again; the
/// operators' log tells of it. Errors: user_not_found, not_erasable, and of the database.
Task<Result<Uuid>> erase_user(pg::Pool& db, ledger::Ledger& ledger, Currency currency,
                              std::string user, Uuid actor, std::string reason,
                              std::optional<ApprovedErasure> approved = std::nullopt);

}  // namespace instapay::user
