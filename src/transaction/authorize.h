#pragma once
// Payments that their payer approves with a passkey (docs/decisions/0040): what the browser is
// asked, and the payment together with what was signed.
#include "auth/webauthn.h"
#include "ledger/domain/transfer.h"
#include "transaction/service.h"

namespace instapay::transaction {

/// 200 {publicKey, payment}: what navigator.credentials.get() takes so that this order is signed,
/// and what it is. Errors: factor_not_found, passkeys_not_configured, forbidden to service
/// accounts.
Task<Result<net::Response>> authorization_options(Service& service, net::Principal principal,
                                                  ledger::Order order, Hash128 idempotency_key);

/// The order with what its payer's passkey has signed, in one transaction. It counts as the second
/// factor that the payer's rules may ask for. Refusals beside the ledger's, which answers a key
/// that has an answer first: passkey_invalid, passkey_copied.
Task<Result<ledger::Outcome>> submit_authorized(Service& service, net::Principal principal,
                                                ledger::Order order, ledger::RequestKey key,
                                                auth::AssertionAnswer answer, trace::Context span);

}  // namespace instapay::transaction
