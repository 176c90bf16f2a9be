#pragma once
// What staff do to accounts: read from a request or from an approved proposal, and done the same
// way.
#include <optional>
#include <string>

#include "core/json.h"
#include "user/account.h"
#include "user/approvals.h"
#include "user/service.h"

namespace instapay::user {

struct Adjustment {
  std::int64_t amount_minor = 0;  // negative takes away
  std::string reason;
};
Result<Adjustment> read_adjustment(const Json& body, Currency currency);
/// The order alone: whoever asks for it directly has a key of theirs to submit it with.
ledger::Order adjustment_order(const Uuid& user, const Uuid& actor, const Adjustment& adjustment);
Task<Result<void>> adjust(Service& service, Uuid user, Adjustment adjustment, Actor actor);

/// What is absent or null is the platform's again.
struct NewLimits {
  std::optional<std::int64_t> per_transfer_minor, per_day_minor;
  std::string reason;
};
Result<NewLimits> read_limits(const Json& body, Currency currency);
Task<Result<void>> change_limits(Service& service, Uuid user, NewLimits limits, Actor actor);

/// What is absent or null stays as it is.
struct AccountChanges {
  std::optional<std::string> display_name, username, role;
  std::optional<ledger::AccountStatus> status;
  std::optional<std::string> rest_to;      // where the money of a wallet goes that is closed
  std::optional<std::int64_t> rest_minor;  // exactly so much of it: more is refused
  std::string reason;                      // of staff's changes
  bool only_status_as_read = false;        // the right to change it depends on what it was

  bool of_profile() const { return display_name || username; }
  bool of_staff() const { return role || status || rest_to; }
};
Result<AccountChanges> read_account_changes(const Json& body);
/// Where the rest of a closed wallet goes: the settlement account, whose id is named (it was paid
/// out), or the wallet of somebody, by id, e-mail address or username. Errors: payee_not_found,
/// validation_failed.
Task<Result<std::optional<ledger::AccountId>>> find_rest_payee(Service& service, Uuid closing,
                                                               AccountChanges changes);
/// Whether the caller's role may change role and status so, as they stand. Error: forbidden.
Result<void> may_change(const net::Principal& who, const User& user, const AccountChanges& changes);
/// Role and status, through the ledger: the change, the entry that tells of it, and where the money
/// of a closed wallet goes are one transaction. False: the user is not as read any more.
Task<Result<bool>> change_account(Service& service, User user, AccountChanges changes,
                                  std::optional<ledger::AccountId> rest_payee, Actor actor);

struct Erasure {
  std::string reason;
};
Result<Erasure> read_erasure(const Json& body);

}  // namespace instapay::user
