#include "core/fields.h"
#include "net/idempotency.h"
#include "transaction/handlers/handlers.h"
#include "transaction/holds.h"
#include "transaction/render.h"

namespace instapay::transaction {
namespace {

// The order's payer is not who asks.
Error explain_capture(const ledger::Refusal& refusal, Currency currency) {
  switch (refusal.code) {
    case Code::sender_frozen:
    case Code::account_closed:
      return {Code::payer_unavailable, "The payer's account cannot pay at the moment."};
    case Code::receiver_unavailable:
      return {Code::account_frozen, "While your account is frozen you cannot take money."};
    default:
      return ledger::to_error(refusal, currency);
  }
}

}  // namespace

// Whether there is something left to capture is the ledger's to say: it is asked with the key,
// which may have an answer already.
net::Reply capture_hold(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request, net::KeyRule::required);
  if (!key) co_return fail(std::move(key.error()));
  Fields fields(*body);
  const auto amount = fields.optional_amount("amount", currency);
  const bool final = fields.flag("final", true);
  const auto note = fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars});
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  const net::Principal& payee = *request.principal;
  const auto held = co_await find_hold(service, payee, *id);
  if (!held) co_return fail(held.error());
  if (held->payee.id != payee.user_id)
    co_return fail(Code::forbidden, "Only the payee captures what is held.");
  ledger::Order order;
  order.payer = held->hold.payer;
  order.payee = held->hold.payee;
  order.amount = amount ? ledger::Amount{*amount} : ledger::kAllThatRemains;
  order.kind = ledger::EntryKind::capture;
  order.note = note.value_or("");
  order.reference = *id;
  order.actor = payee.user_id;
  order.final = final;
  HashInput canonical = net::canonical_request(request);
  canonical.number(static_cast<std::uint64_t>(order.amount.minor), 8).text(order.note);
  canonical.number(order.final ? 1 : 0, 1);
  const auto outcome = co_await service.ledger.submit(
      std::move(order), ledger::request_key(payee.user_id, *key, net::request_hash(canonical)),
      request.server_span);
  if (!outcome) co_return fail(explain_capture(outcome.error(), currency));
  co_return created_by_payee(*outcome, currency);
}

}  // namespace instapay::transaction
