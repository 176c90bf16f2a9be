#pragma once
// How payments that somebody asks for get to the ledger: a person's by the rules on their second
// factor, a service account's within its own limits (docs/decisions/0033).
#include "auth/webauthn.h"
#include "ledger/ledger.h"
#include "transaction/service.h"

namespace instapay::transaction {

/// The outcome of each order. All of them are refused beforehand, unless the request's key has an
/// answer already: step_up_required and pin_limit as ask_for_factor_or_pin() says;
/// allowance_exceeded and step_up_impossible where a service account asks, which orders all of a
/// request or nothing. Errors of the database.
Task<Result<ledger::Outcomes>> submit_payments(Service& service, const net::Principal& principal,
                                               std::unique_ptr<ledger::Submission> submission);

/// Whether the order may have moved money just now. Where that is not known, it counts.
bool may_have_happened(const ledger::Outcome& outcome);

/// The same for one order, or, with what a passkey has signed, submit_authorized(), for which there
/// has to be a key (idempotency_key_required).
Task<Result<ledger::Outcome>> submit_payment(Service& service, const net::Principal& principal,
                                             ledger::Order order,
                                             std::optional<ledger::RequestKey> key,
                                             trace::Context span,
                                             std::optional<auth::AssertionAnswer> passkey = {});

}  // namespace instapay::transaction
