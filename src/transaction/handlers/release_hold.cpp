#include "transaction/handlers/handlers.h"
#include "transaction/holds.h"

namespace instapay::transaction {

// The payer may not: what is held is the payee's to rely on, until its end. Doing it again changes
// nothing.
net::Reply release_hold(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const net::Principal& payee = *request.principal;
  auto held = co_await find_hold(service, payee, *id);
  if (!held) co_return fail(std::move(held.error()));
  if (held->payee.id != payee.user_id)
    co_return fail(Code::forbidden,
                   "Only the payee gives free what is held; it ends by itself at expiresAt.");
  ledger::Order order;
  order.payer = held->hold.payer;
  order.payee = held->hold.payee;
  order.kind = ledger::EntryKind::release;
  order.reference = *id;
  order.actor = payee.user_id;
  const auto outcome =
      co_await service.ledger.submit(std::move(order), std::nullopt, request.server_span);
  if (!outcome && outcome.error().code != Code::hold_released &&
      outcome.error().code != Code::hold_expired)
    co_return fail(ledger::to_error(outcome.error(), currency));
  held = co_await find_hold(service, payee, *id);
  if (!held) co_return fail(std::move(held.error()));
  co_return hold_answer(200, *held, currency);
}

}  // namespace instapay::transaction
