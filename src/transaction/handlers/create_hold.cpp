#include "core/time.h"
#include "transaction/handlers/handlers.h"
#include "transaction/holds.h"
#include "transaction/payment_request.h"
#include "transaction/pin_allowance.h"

namespace instapay::transaction {
namespace {

constexpr std::string_view kExpiryRule = "expiresAt must be later than now, by at most 30 days.";

struct NewHold {
  std::vector<PaymentRequest> payment;  // one
  std::int64_t expires_us = 0;
};

// Whether the end is past already is the ledger's to say: the key may have an answer.
Result<NewHold> read_new_hold(const Json& body, Currency currency) {
  Fields fields(body);
  NewHold asked{{read_payment(fields, currency, false)}};
  asked.expires_us = fields.time("expiresAt");
  if (asked.expires_us > now_us() + kHoldLife_days * kDay_us)
    fields.add_error("expiresAt", "out_of_range", std::string(kExpiryRule));
  if (auto error = fields.finish()) return fail(std::move(*error));
  return asked;
}

Task<Result<ledger::Order>> order_of(Service& service, const net::Principal& payer,
                                     const NewHold& asked) {
  auto orders = co_await resolve(service, payer, asked.payment);
  if (!orders) co_return fail(std::move(orders.error()));
  ledger::Order order = std::move(orders->front());
  order.kind = ledger::EntryKind::hold;
  order.expires = ledger::Time{asked.expires_us};
  co_return order;
}

Task<Result<ledger::Outcome>> submit_hold(Service& service, const net::Principal& payer,
                                          const NewHold& asked,
                                          std::optional<ledger::RequestKey> key,
                                          trace::Context span) {
  auto order = co_await order_of(service, payer, asked);
  if (!order) co_return fail(std::move(order.error()));
  auto submission = std::make_unique<ledger::Submission>();
  submission->orders.push_back(std::move(*order));
  submission->key = std::move(key);
  submission->span = span;
  const auto taken = co_await ask_for_factor_or_pin(service, payer, submission->orders);
  if (!taken) co_return fail(taken.error());
  auto outcomes = co_await service.ledger.submit(std::move(submission));
  co_await give_back_unpaid(service, *taken, outcomes);
  co_return std::move(outcomes.front());
}

Error explain_hold(const ledger::Refusal& refusal, const NewHold& asked, Currency currency) {
  if (refusal.code == Code::hold_expired)
    return fail_field("expiresAt", "out_of_range", std::string(kExpiryRule)).error();
  Error error = explain(refusal, asked.payment.front(), currency);
  if (refusal.code == Code::self_transfer) error.detail = "You cannot hold money for yourself.";
  return error;
}

}  // namespace

net::Reply create_hold(Service& service, net::Request& request) {
  const Currency currency = service.config.currency;
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request, net::KeyRule::required);
  if (!key) co_return fail(std::move(key.error()));
  const auto asked = read_new_hold(*body, currency);
  if (!asked) co_return fail(asked.error());

  const net::Principal& payer = *request.principal;
  HashInput canonical = net::canonical_request(request);
  add_payment(canonical, asked->payment.front());
  canonical.number(static_cast<std::uint64_t>(asked->expires_us), 8);
  const auto key_of_request =
      ledger::request_key(payer.user_id, *key, net::request_hash(canonical));
  const auto outcome =
      co_await submit_hold(service, payer, *asked, key_of_request, request.server_span);
  if (!outcome) co_return fail(outcome.error());
  if (!*outcome) co_return fail(explain_hold(outcome->error(), *asked, currency));

  auto held = co_await find_hold(service, payer, (*outcome)->id);
  if (!held) co_return fail(std::move(held.error()));
  // As it was made, whatever has become of it since.
  held->hold.status = ledger::HoldStatus::open;
  held->hold.captured = {};
  held->captures = 0;
  held->ended_us.reset();
  net::Response response = hold_answer(201, *held, currency);
  response.header("Location", "/api/holds/" + held->id.to_string());
  if ((*outcome)->replayed) response.header("Idempotent-Replayed", "true");
  co_return response;
}

}  // namespace instapay::transaction
