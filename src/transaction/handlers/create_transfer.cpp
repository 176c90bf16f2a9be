#include "transaction/handlers/handlers.h"
#include "transaction/payment_request.h"
#include "transaction/render.h"

namespace instapay::transaction {

net::Reply create_transfer(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = idempotency_key(request);
  if (!key) co_return fail(std::move(key.error()));
  Fields fields(*body);
  PaymentRequest payment = read_payment(fields, currency, true);
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  auto order = co_await resolve(service, *request.principal, std::move(payment));
  if (!order) co_return fail(std::move(order.error()));
  order->key = *key;
  const auto outcome = co_await service.ledger.submit(std::move(*order));
  if (!outcome) co_return fail(ledger::to_error(outcome.error(), currency));

  co_return created(*outcome, currency);
}

}  // namespace instapay::transaction
