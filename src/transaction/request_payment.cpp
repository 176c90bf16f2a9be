#include "transaction/request_payment.h"

#include "transaction/requests.h"

namespace instapay::transaction {

Task<Result<ledger::Order>> order_of_request(Service& service, net::Principal payer, Uuid id,
                                             std::optional<std::int64_t> amount) {
  const Currency currency = service.config.currency;
  auto asked = co_await find_request(service, id);
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
  order.reference = id;
  if (asked->is_payee(payer.user_id)) order.refused = Code::self_transfer;
  co_return order;
}

Error explain_unpaid(const ledger::Refusal& refusal, Currency currency) {
  Error error = ledger::to_error(refusal, currency);
  if (error.code == Code::self_transfer) error.detail = "You cannot pay your own request.";
  return error;
}

}  // namespace instapay::transaction
