#pragma once
// Reading a payment from a request: who pays whom how much, under which key.
#include "core/fields.h"
#include "core/sha256.h"
#include "ledger/types.h"
#include "net/http.h"
#include "transaction/service.h"

namespace instapay::transaction {

struct PaymentRequest {
  std::string sender_email;                       // empty: the one who asks
  std::string receiver_email, receiver_username;  // one of the two
  std::int64_t amount_minor = 0;
  std::string note;
};

/// Takes the payment's fields; mistakes stay in `fields`.
PaymentRequest read_payment(Fields& fields, Currency currency, bool sender_required);

/// The Idempotency-Key's hash, or nullopt when none was sent. Error: idempotency_key_invalid.
Result<std::optional<Hash128>> idempotency_key(const net::Request& request);

/// Finds sender and receiver. Errors: not_the_sender, payee_not_found, self_transfer.
Task<Result<ledger::Order>> resolve(Service& service, const net::Principal& principal,
                                    PaymentRequest payment);

/// What the key stands for: the same payment asked twice has the same hash.
Hash128 request_hash(const ledger::Order& order);

}  // namespace instapay::transaction
