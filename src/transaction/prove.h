#pragma once
// The receipt of a transaction out of the books.
#include "transaction/receipt.h"
#include "transaction/service.h"

namespace instapay::transaction {

/// For either side and for staff; for nobody else does it exist. With `own`, that side's own part
/// is shown, and what the payer's passkey has signed. Errors: transaction_not_found, overloaded,
/// the database's; internal_error where the books differ from what was hashed, which is logged.
Task<Result<Receipt>> prove(Service& service, Uuid id, net::Principal principal, bool own);

}  // namespace instapay::transaction
