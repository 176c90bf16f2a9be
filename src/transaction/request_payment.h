#pragma once
// What the payer of a payment request orders.
#include "ledger/domain/transfer.h"
#include "transaction/service.h"

namespace instapay::transaction {

/// `amount`: where the request leaves it to the payer. Whether it may still be paid is the ledger's
/// to say. Errors: request_not_found, request_amount_fixed, validation_failed.
Task<Result<ledger::Order>> order_of_request(Service& service, net::Principal payer, Uuid id,
                                             std::optional<std::int64_t> amount);

/// Why it was not paid, in words.
Error explain_unpaid(const ledger::Refusal& refusal, Currency currency);

}  // namespace instapay::transaction
