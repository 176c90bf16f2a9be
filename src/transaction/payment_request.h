#pragma once
// Reading a payment from a request: who pays whom how much.
#include "core/fields.h"
#include "ledger/domain/transfer.h"
#include "net/idempotency.h"
#include "transaction/service.h"

namespace instapay::transaction {

struct PaymentRequest {
  std::string sender_email;  // empty: the one who asks
  // One of the three. A name is looked up once, when the request is made; an id is who was
  // reviewed.
  std::optional<Uuid> receiver_id;
  std::string receiver_email, receiver_username;
  std::int64_t amount_minor = 0;
  std::string note;
};

/// Takes the payment's fields; mistakes stay in `fields`. The receiver is named in one way only:
/// others beside it are mistakes (unknown_field).
PaymentRequest read_payment(Fields& fields, Currency currency, bool sender_required);

/// Finds sender and receiver of each. An order whose payee nobody is, or the payer, is refused
/// beforehand: the ledger answers so unless its key was used before. Errors: not_the_sender, and of
/// the database.
Task<Result<std::vector<ledger::Order>>> resolve(Service& service, const net::Principal& principal,
                                                 const std::vector<PaymentRequest>& payments);

/// Whether somebody among the payees was not paid before.
Task<Result<bool>> has_new_payee(Service& service, const Uuid& payer,
                                 const std::vector<ledger::Order>& orders);

/// Refuses all of them beforehand (step_up_required) when the payer's own rules ask for a second
/// factor: together they move more than a limit, or one is to somebody new. As with resolve(), the
/// answer that a key has already stands.
Task<Result<void>> ask_for_factor(Service& service, const net::Principal& principal,
                                  std::vector<ledger::Order>& orders);

/// After a refusal of the receiver: their address may be another one's by now.
void forget_receiver(Service& service, const PaymentRequest& payment);

/// The payment's fields as part of a request (net/idempotency.h).
void add_payment(HashInput& canonical, const PaymentRequest& payment);

/// Why the payment was refused, in words.
Error explain(const ledger::Refusal& refusal, const PaymentRequest& payment, Currency currency);

}  // namespace instapay::transaction
