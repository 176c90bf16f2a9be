#pragma once
// What people do to their own wallet: freeze it, lift that again, close it. Each is a control entry
// whose actor is the wallet's owner; the rules are the ledger's and once more the database's.
#include <optional>

#include "ledger/domain/account.h"
#include "net/http.h"
#include "user/account.h"
#include "user/service.h"

namespace instapay::user {

/// No money leaves the wallet from here on, and every other session of its owner ends; of a wallet
/// that is frozen already only the sessions do. Errors: account_closed, rate_limited.
Task<Result<void>> freeze_own_wallet(Service& service, const net::Request& request);

/// Lifts what its owner has frozen; a wallet that is not frozen stays so. Errors: account_frozen
/// (by staff), account_closed.
Task<Result<void>> unfreeze_own_wallet(Service& service, const net::Request& request);

/// Closes the wallet, and all that is left of its money goes to `rest_payee`, in one step. Errors:
/// forbidden (of staff), account_frozen, account_closed, balance_not_zero, and what keeps a payment
/// from happening.
Task<Result<void>> close_own_wallet(Service& service, const net::Request& request,
                                    std::optional<ledger::AccountId> rest_payee);

}  // namespace instapay::user
