#include "transaction/authorize.h"
#include "transaction/handlers/handlers.h"
#include "transaction/payment_request.h"

namespace instapay::transaction {

net::Reply authorize_transfer(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request, net::KeyRule::required);
  if (!key) co_return fail(std::move(key.error()));
  Fields fields(*body);
  const std::vector<PaymentRequest> payments{read_payment(fields, service.config.currency, true)};
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  // Nobody signs for who had the name before.
  forget_receiver(service, payments.front());
  auto orders = co_await resolve(service, *request.principal, payments);
  if (!orders) co_return fail(std::move(orders.error()));
  ledger::Order& order = orders->front();
  if (order.refused)
    co_return fail(explain({*order.refused}, payments.front(), service.config.currency));
  co_return co_await authorization_options(service, *request.principal, std::move(order), **key);
}

}  // namespace instapay::transaction
