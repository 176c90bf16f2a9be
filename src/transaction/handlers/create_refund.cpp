#include "core/time.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/payment_request.h"
#include "transaction/render.h"

namespace instapay::transaction {
namespace {

// Who received the transfer and who paid it.
struct Sides {
  Uuid receiver, payer;
};

// Who took part finds it; operators find anybody's.
Task<Result<Sides>> find_sides(Service& service, const net::Principal& principal, const Uuid& id) {
  auto rows = co_await service.db.query(queries::transaction::find_transfer, pg::Params().add(id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const bool hidden =
      rows->empty() || (!is_side(*rows, principal.user_id) && !principal.may(Permission::look));
  if (hidden) co_return fail(Code::transaction_not_found, "There is no such transaction.");
  Sides sides{rows->uuid(0, 2), rows->uuid(0, 1)};
  if (sides.receiver == principal.user_id) co_return sides;
  if (!principal.may(Permission::money))
    co_return fail(Code::forbidden, "Only the receiver can give the money back.");
  if (sides.payer == principal.user_id)
    co_return fail(Code::forbidden,
                   "Your own payment is given back by its receiver or by another operator.");
  co_return sides;
}

}  // namespace

net::Reply create_refund(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const auto amount = fields.optional_amount("amount", currency);
  const auto note = fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars});
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  auto sides = co_await find_sides(service, *request.principal, *id);
  if (!sides) co_return fail(std::move(sides.error()));
  const bool by_operator = request.principal->user_id != sides->receiver;
  auto key =
      net::idempotency_key(request, by_operator ? net::KeyRule::required : net::KeyRule::optional);
  if (!key) co_return fail(std::move(key.error()));
  ledger::Order order;
  order.payer = {sides->receiver};
  order.payee = {sides->payer};
  order.amount = amount ? ledger::Amount{*amount} : ledger::kAllThatRemains;
  order.kind = ledger::EntryKind::refund;
  order.note = note.value_or("");
  order.refund_of = *id;
  if (by_operator) {
    order.actor = request.principal->user_id;
    if (request.principal->factors.needs_proof(now_us() / kSecond_us))
      order.refused = Code::step_up_required;
  } else if (const auto& machine = request.principal->machine) {
    order.actor = machine->id;
    order.by_own_machine = true;
  }
  HashInput canonical = net::canonical_request(request);
  canonical.number(static_cast<std::uint64_t>(order.amount.minor), 8).text(order.note);
  const auto outcome = co_await service.ledger.submit(
      std::move(order),
      ledger::request_key(request.principal->identity(), *key, net::request_hash(canonical)),
      request.server_span);
  if (!outcome) co_return fail(ledger::to_error(outcome.error(), currency));
  co_return created(*outcome, currency);
}

}  // namespace instapay::transaction
