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

// Receivers find their own entry; operators find anybody's.
Task<Result<Sides>> find_sides(Service& service, const net::Principal& principal, const Uuid& id) {
  auto rows = co_await service.db.query(queries::transaction::find_entry,
                                        pg::Params().add(principal.user_id).add(id));
  if (rows && rows->empty() && principal.is_operator())
    rows = co_await service.db.query(queries::transaction::find_transfer,
                                     pg::Params().add(id).add_time(id.unix_ms() * 1000));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::transaction_not_found, "There is no such transaction.");
  const bool paid = rows->int64(0, 3) < 0;
  Sides sides{rows->uuid(0, paid ? 2 : 1), rows->uuid(0, paid ? 1 : 2)};
  if (sides.receiver != principal.user_id && !principal.is_operator())
    co_return fail(Code::forbidden, "Only the receiver can give the money back.");
  co_return sides;
}

}  // namespace

net::Reply create_refund(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = idempotency_key(request);
  if (!key) co_return fail(std::move(key.error()));
  Fields fields(*body);
  const auto amount = fields.optional_amount("amount", currency);
  const auto note = fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars});
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  auto sides = co_await find_sides(service, *request.principal, *id);
  if (!sides) co_return fail(std::move(sides.error()));
  ledger::Order order;
  order.payer = sides->receiver;
  order.payee = sides->payer;
  order.amount_minor = amount.value_or(ledger::kAllThatRemains);
  order.kind = ledger::TransferKind::refund;
  order.note = note.value_or("");
  order.refund_of = *id;
  order.request_hash = request_hash(order);
  order.key = *key;
  const auto outcome = co_await service.ledger.submit(std::move(order));
  if (!outcome) co_return fail(ledger::to_error(outcome.error(), currency));
  co_return created(*outcome, currency);
}

}  // namespace instapay::transaction
