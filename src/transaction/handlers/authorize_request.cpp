#include "core/fields.h"
#include "net/idempotency.h"
#include "transaction/authorize.h"
#include "transaction/handlers/handlers.h"
#include "transaction/request_payment.h"

namespace instapay::transaction {

net::Reply authorize_request(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request, net::KeyRule::required);
  if (!key) co_return fail(std::move(key.error()));
  Fields fields(*body);
  const auto amount = fields.optional_amount("amount", service.config.currency);
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  auto order = co_await order_of_request(service, *request.principal, *id, amount);
  if (!order) co_return fail(std::move(order.error()));
  if (order->refused) co_return fail(explain_unpaid({*order->refused}, service.config.currency));
  co_return co_await authorization_options(service, *request.principal, std::move(*order), **key);
}

}  // namespace instapay::transaction
