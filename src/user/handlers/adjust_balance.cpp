#include "core/fields.h"
#include "core/time.h"
#include "ledger/store/pg_prelude.h"
#include "queries.h"
#include "transaction/render.h"
#include "user/handlers/handlers.h"
#include "user/staff_actions.h"

namespace instapay::user {
namespace {

// The user's balance right after it. A replayed transfer is found by its payer's entry, which knows
// of the other side the number only.
Task<Result<std::int64_t>> balance_after(Service& service, const Uuid& user_id,
                                         const ledger::Transfer& transfer) {
  if (transfer.payer.uuid == user_id) co_return transfer.payer_side.balance.minor;
  if (!transfer.replayed) co_return transfer.payee_side.balance.minor;
  auto rows =
      co_await service.db.query(queries::user::find_balance_after,
                                pg::Params().add(user_id).add(transfer.payee_side.seq.value));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  co_return rows->empty() ? 0 : rows->int64(0, 0);
}

Proposal proposal_of(const Uuid& user, const Adjustment& adjustment, Currency currency) {
  Proposal proposal{.kind = ApprovalKind::adjustment, .subject = user, .reason = adjustment.reason};
  JsonWriter json(proposal.payload);
  json.begin_object().key("amount").amount(adjustment.amount_minor, currency);
  json.field("reason", adjustment.reason).end_object();
  return proposal;
}

// What one may adjust alone a day is taken in the same transaction.
constexpr std::string_view kAboveAlone = "adjustments_above";

Task<ledger::Outcome> submit_alone(Service& service, ledger::Order order,
                                   std::optional<ledger::RequestKey> key, Uuid user,
                                   trace::Context span) {
  auto submission = std::make_unique<ledger::Submission>();
  if (service.config.approvals && !order.refused) {
    pg::Params params;
    params.add(order.actor).add(user).add(order.amount.minor);
    params.add(service.config.approval_adjustment_above_minor);
    submission->prelude =
        std::make_unique<ledger::PgPrelude>(queries::user::take_adjustment, std::move(params));
  }
  submission->orders.push_back(std::move(order));
  submission->key = std::move(key);
  submission->span = span;
  auto outcomes = co_await service.ledger.submit(std::move(submission));
  co_return std::move(outcomes.front());
}

// The answer that the key has already; of a key that has none, or another request's,
// idempotency_key_reused: nothing is done under it.
Task<ledger::Outcome> answer_of_key(Service& service, ledger::Order order,
                                    std::optional<ledger::RequestKey> key, trace::Context span) {
  order.refused = Code::idempotency_key_reused;
  co_return co_await service.ledger.submit(std::move(order), std::move(key), span);
}

// While storage is low, too, it may be proposed.
bool is_unanswered(const ledger::Outcome& outcome) {
  return !outcome && (outcome.error().code == Code::idempotency_key_reused ||
                      outcome.error().code == Code::storage_low);
}

}  // namespace

net::Reply adjust_balance(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto adjustment = read_adjustment(*body, currency);
  if (!adjustment) co_return fail(std::move(adjustment.error()));
  auto key = net::idempotency_key(request, net::KeyRule::required);
  if (!key) co_return fail(std::move(key.error()));
  if (request.principal->user_id == *id)
    co_return fail(Code::forbidden, "Your own balance is adjusted by another operator.");
  if (auto user = co_await find_user(service.db, *id); !user)
    co_return fail(std::move(user.error()));

  const Uuid& operator_id = request.principal->user_id;
  HashInput canonical = net::canonical_request(request);
  canonical.number(static_cast<std::uint64_t>(adjustment->amount_minor), 8)
      .text(adjustment->reason);
  const Hash128 hash = net::request_hash(canonical);
  std::optional<Code> refused;
  if (request.principal->factors.needs_proof(now_us() / kSecond_us))
    refused = Code::step_up_required;
  ledger::Order order = adjustment_order(*id, operator_id, *adjustment);
  order.refused = refused;
  const auto request_key = ledger::request_key(operator_id, *key, hash);
  bool alone = !adjustment_needs_approval(service.config, adjustment->amount_minor);
  std::optional<ledger::Outcome> outcome;
  if (alone) {
    outcome = co_await submit_alone(service, order, request_key, *id, request.server_span);
    alone = *outcome || outcome->error().constraint != kAboveAlone;
  }
  // Neither the day's sum nor the number of open proposals takes an answer back.
  if (!alone) outcome = co_await answer_of_key(service, order, request_key, request.server_span);
  if (!alone && is_unanswered(*outcome)) {
    Proposal proposal = proposal_of(*id, *adjustment, currency);
    proposal.key = *key;
    proposal.request_hash = hash;
    proposal.refused = refused;
    auto answer = co_await propose(service, request, std::move(proposal));
    if (!answer) co_return fail(std::move(answer.error()));
    if (*answer) co_return std::move(**answer);
    // The key has got an answer meanwhile: it is this one.
    outcome = co_await answer_of_key(service, order, request_key, request.server_span);
  }
  if (!*outcome) co_return fail(ledger::to_error(outcome->error(), currency));
  const ledger::Transfer& done = **outcome;
  if (is_proposal(done))
    co_return co_await replayed_proposal(service, *request.principal, done.reference);
  const auto balance = co_await balance_after(service, *id, done);
  if (!balance) co_return fail(balance.error());

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("userId", *id);
  json.key("balance").amount(*balance, currency);
  json.field("currency", currency.code);
  json.key("transaction").begin_object();
  transaction::write_transaction(json, done, currency);
  json.end_object().end_object();
  if (done.replayed) response.header("Idempotent-Replayed", "true");
  co_return response;
}

}  // namespace instapay::user
