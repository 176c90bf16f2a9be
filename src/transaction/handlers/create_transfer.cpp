#include "auth/passkey_json.h"
#include "transaction/authorize.h"
#include "transaction/handlers/handlers.h"
#include "transaction/payment_request.h"
#include "transaction/render.h"
#include "transaction/submit_payment.h"

namespace instapay::transaction {

namespace {

// Whether the receiver's name may have been another one's when it was remembered: they cannot be
// paid, or the payer has signed for somebody else.
bool may_be_somebody_else(Code code) {
  return code == Code::receiver_unavailable || code == Code::passkey_invalid;
}

}  // namespace

net::Reply create_transfer(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request);
  if (!key) co_return fail(std::move(key.error()));
  Fields fields(*body);
  const std::vector<PaymentRequest> payments{read_payment(fields, currency, true)};
  std::optional<auth::AssertionAnswer> passkey;
  if (fields.has("passkey")) passkey = auth::read_assertion(fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  auto orders = co_await resolve(service, *request.principal, payments);
  if (!orders) co_return fail(std::move(orders.error()));
  HashInput canonical = net::canonical_request(request);
  add_payment(canonical, payments.front());
  const auto key_of_request =
      ledger::request_key(request.principal->identity(), *key, net::request_hash(canonical));
  const ledger::AccountId payee = orders->front().payee;
  auto outcome = co_await submit_payment(service, *request.principal, std::move(orders->front()),
                                         key_of_request, request.server_span, passkey);
  if (outcome && !*outcome && may_be_somebody_else(outcome->error().code)) {
    forget_receiver(service, payments.front());
    orders = co_await resolve(service, *request.principal, payments);
    if (!orders) co_return fail(std::move(orders.error()));
    if (orders->front().payee != payee)
      outcome = co_await submit_payment(service, *request.principal, std::move(orders->front()),
                                        key_of_request, request.server_span, passkey);
  }
  if (!outcome) co_return fail(std::move(outcome.error()));
  if (!*outcome) co_return fail(explain(outcome->error(), payments.front(), currency));
  co_return created(**outcome, currency);
}

}  // namespace instapay::transaction
