#include "transaction/submit_payment.h"

#include <algorithm>

#include "core/time.h"
#include "queries.h"
#include "telemetry/log.h"
#include "transaction/authorize.h"
#include "transaction/payment_request.h"
#include "transaction/pin_allowance.h"

namespace instapay::transaction {
namespace {

// What was taken from what a service account may order on a day.
struct Allowance {
  Uuid account;
  std::string day;
  std::int64_t minor = 0;
};

void refuse(std::vector<ledger::Order>& orders, Code code) {
  for (ledger::Order& order : orders)
    if (!order.refused) order.refused = code;
}

// Of what is not refused already. Amounts are at most kAmountMax_minor and orders
// kTransfersPerRequestMax: what does not fit is above every limit.
std::int64_t total_of(const std::vector<ledger::Order>& orders) {
  std::int64_t total = 0;
  for (const ledger::Order& order : orders)
    if (!order.refused) total = std::min(total + order.amount.minor, std::int64_t{1} << 62);
  return total;
}

Task<void> give_back(Service& service, const Allowance& allowance, std::int64_t minor) {
  if (minor <= 0) co_return;
  pg::Params params;
  params.add(allowance.account).add(allowance.day).add(minor);
  const auto done =
      co_await service.db.query(queries::transaction::return_service_allowance, std::move(params));
  // The account may order so much less today, then: never more.
  if (!done)
    log::warn("an allowance could not be given back",
              {{"instapay.service_account", allowance.account.to_string()}});
}

// Takes what the orders move from the machine's allowance, or refuses them; nullopt: nothing was
// taken.
Task<Result<std::optional<Allowance>>> take(Service& service, const net::Principal& principal,
                                            std::vector<ledger::Order>& orders) {
  const std::int64_t total = total_of(orders);
  if (total == 0) co_return std::nullopt;
  const Uuid account = principal.machine->id;
  const auto rows = co_await service.db.query(queries::transaction::take_service_allowance,
                                              pg::Params().add(account).add(total));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto& row = rows->front();
  if (row.verdict == "ended")
    co_return fail(Code::token_revoked, "The service account has ended, or is halted.");
  if (row.verdict != "taken") {
    refuse(orders, row.verdict == "step_up" ? Code::step_up_impossible : Code::allowance_exceeded);
    co_return std::nullopt;
  }
  Allowance allowance{account, std::string(row.day), total};
  if (!row.asks_new_payees) co_return allowance;
  const auto is_new = co_await has_new_payee(service, principal.user_id, orders);
  if (is_new && !*is_new) co_return allowance;
  co_await give_back(service, allowance, total);
  if (!is_new) co_return fail(is_new.error());
  refuse(orders, Code::step_up_impossible);
  co_return std::nullopt;
}

Task<Result<ledger::Outcomes>> submit_of_machine(Service& service, const net::Principal& principal,
                                                 std::unique_ptr<ledger::Submission> submission) {
  std::vector<std::int64_t> amounts;
  for (ledger::Order& order : submission->orders) {
    order.actor = principal.machine->id;
    order.by_own_machine = true;
  }
  const auto allowance = co_await take(service, principal, submission->orders);
  if (!allowance) co_return fail(allowance.error());
  for (const ledger::Order& order : submission->orders)
    amounts.push_back(order.refused ? 0 : order.amount.minor);
  auto outcomes = co_await service.ledger.submit(std::move(submission));
  if (!*allowance) co_return outcomes;
  std::int64_t unused = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    if (!may_have_happened(outcomes[i])) unused += amounts[i];
  co_await give_back(service, **allowance, unused);
  co_return outcomes;
}

}  // namespace

bool may_have_happened(const ledger::Outcome& outcome) {
  if (outcome) return !outcome->replayed;
  return outcome.error().code == Code::outcome_unknown ||
         outcome.error().code == Code::internal_error;
}

Task<Result<ledger::Outcomes>> submit_payments(Service& service, const net::Principal& principal,
                                               std::unique_ptr<ledger::Submission> submission) {
  if (principal.machine)
    co_return co_await submit_of_machine(service, principal, std::move(submission));
  const auto taken = co_await ask_for_factor_or_pin(service, principal, submission->orders);
  if (!taken) co_return fail(taken.error());
  auto outcomes = co_await service.ledger.submit(std::move(submission));
  co_await give_back_unpaid(service, *taken, outcomes);
  co_return outcomes;
}

Task<Result<ledger::Outcome>> submit_payment(Service& service, const net::Principal& principal,
                                             ledger::Order order,
                                             std::optional<ledger::RequestKey> key,
                                             trace::Context span,
                                             std::optional<auth::AssertionAnswer> passkey) {
  if (passkey && !key)
    co_return fail(Code::idempotency_key_required,
                   "A payment is signed together with its Idempotency-Key.");
  if (passkey)
    co_return co_await submit_authorized(service, principal, std::move(order), *key,
                                         std::move(*passkey), span);
  auto submission = std::make_unique<ledger::Submission>();
  submission->orders.push_back(std::move(order));
  submission->key = std::move(key);
  submission->span = span;
  auto outcomes = co_await submit_payments(service, principal, std::move(submission));
  if (!outcomes) co_return fail(std::move(outcomes.error()));
  co_return std::move(outcomes->front());
}

}  // namespace instapay::transaction
