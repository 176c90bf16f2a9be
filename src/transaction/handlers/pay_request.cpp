#include "core/fields.h"
#include "net/idempotency.h"
#include "transaction/handlers/handlers.h"
#include "transaction/payment_request.h"
#include "transaction/render.h"
#include "transaction/requests.h"
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
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  const net::Principal& payer = *request.principal;
  auto asked = co_await find_request(service, *id);
  if (!asked) co_return fail(std::move(asked.error()));
  if (asked->payer && !asked->is_payer(payer.user_id) && !asked->is_payee(payer.user_id))
    co_return fail(Code::request_not_found, "There is no such payment request.");
  if (asked->amount_minor && amount.value_or(*asked->amount_minor) != *asked->amount_minor)
    co_return fail(Code::request_amount_fixed,
                   "This request is for " + format_amount(*asked->amount_minor, currency) + ".");
  if (!asked->amount_minor && !amount)
    co_return fail_field("amount", "required", "The payer says how much: amount is required.");

  ledger::Order order;
  order.payer = {payer.user_id};
  order.payee = {asked->payee.id};
  order.amount = {asked->amount_minor ? *asked->amount_minor : *amount};
  order.note = asked->note;
  order.reference = *id;
  if (asked->is_payee(payer.user_id)) order.refused = Code::self_transfer;
  HashInput canonical = net::canonical_request(request);
  canonical.number(static_cast<std::uint64_t>(amount.value_or(0)), 8);
  auto outcome = co_await submit_payment(
      service, payer, std::move(order),
      ledger::request_key(payer.identity(), *key, net::request_hash(canonical)),
      request.server_span);
  if (!outcome) co_return fail(std::move(outcome.error()));
  if (!*outcome) {
    Error error = ledger::to_error(outcome->error(), currency);
    if (error.code == Code::self_transfer) error.detail = "You cannot pay your own request.";
    co_return fail(std::move(error));
  }
  co_return created(**outcome, currency);
}

}  // namespace instapay::transaction
