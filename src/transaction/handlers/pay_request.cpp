#include "auth/passkey_json.h"
#include "core/fields.h"
#include "net/idempotency.h"
#include "transaction/handlers/handlers.h"
#include "transaction/payment_request.h"
#include "transaction/render.h"
#include "transaction/request_payment.h"
#include "transaction/submit_payment.h"

namespace instapay::transaction {

// Whether the request may still be paid is the ledger's to say: it is asked with the key, which may
// have an answer already.
net::Reply pay_request(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request, net::KeyRule::required);
  if (!key) co_return fail(std::move(key.error()));
  Fields fields(*body);
  const auto amount = fields.optional_amount("amount", currency);
  std::optional<auth::AssertionAnswer> passkey;
  if (fields.has("passkey")) passkey = auth::read_assertion(fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  const net::Principal& payer = *request.principal;
  auto order = co_await order_of_request(service, payer, *id, amount);
  if (!order) co_return fail(std::move(order.error()));
  HashInput canonical = net::canonical_request(request);
  canonical.number(static_cast<std::uint64_t>(amount.value_or(0)), 8);
  auto outcome = co_await submit_payment(
      service, payer, std::move(*order),
      ledger::request_key(payer.identity(), *key, net::request_hash(canonical)),
      request.server_span, std::move(passkey));
  if (!outcome) co_return fail(std::move(outcome.error()));
  if (!*outcome) co_return fail(explain_unpaid(outcome->error(), currency));
  co_return created(**outcome, currency);
}

}  // namespace instapay::transaction
