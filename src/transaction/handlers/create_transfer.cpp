#include "transaction/handlers/handlers.h"
#include "transaction/payment_request.h"
#include "transaction/render.h"

namespace instapay::transaction {

net::Reply create_transfer(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto idempotency = net::read_idempotency(request, *body);
  if (!idempotency) co_return fail(std::move(idempotency.error()));
  Fields fields(*body);
  const std::vector<PaymentRequest> payments{read_payment(fields, currency, true)};
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  auto orders = co_await resolve(service, *request.principal, payments);
  if (!orders) co_return fail(std::move(orders.error()));
  const auto outcome = co_await service.ledger.submit(std::move(orders->front()),
                                                      key_of(*request.principal, *idempotency));
  if (!outcome) co_return fail(explain(outcome.error(), payments.front(), currency));
  co_return created(*outcome, currency);
}

}  // namespace instapay::transaction
