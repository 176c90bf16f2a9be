#include "transaction/pin_allowance.h"

#include <algorithm>

#include "core/time.h"
#include "queries/transaction.h"
#include "telemetry/log.h"
#include "transaction/payment_request.h"
#include "transaction/submit_payment.h"

namespace instapay::transaction {
namespace {

using ledger::Order;

// Only the payer's rules refuse so beforehand.
bool awaits_factor(const Order& order) { return order.refused == Code::step_up_required; }

// Amounts are at most kAmountMax_minor and orders kTransfersPerRequestMax: what does not fit is
// above every limit.
std::int64_t total_awaiting(const std::vector<Order>& orders) {
  std::int64_t total = 0;
  for (const Order& order : orders)
    if (awaits_factor(order)) total = std::min(total + order.amount.minor, std::int64_t{1} << 62);
  return total;
}

void refuse_awaiting(std::vector<Order>& orders, Code code, bool pin_is_enough) {
  for (Order& order : orders) {
    if (!awaits_factor(order)) continue;
    order.refused = code;
    order.pin_is_enough = pin_is_enough;
  }
}

PinAllowance allow(std::vector<Order>& orders, const Uuid& payer, std::string_view day) {
  PinAllowance taken{.payer = payer, .day = std::string(day), .amounts = {}};
  for (Order& order : orders) {
    taken.amounts.push_back(awaits_factor(order) ? order.amount.minor : 0);
    if (awaits_factor(order)) order.refused.reset();
  }
  return taken;
}

}  // namespace

Task<Result<std::optional<PinAllowance>>> ask_for_factor_or_pin(Service& service,
                                                                const net::Principal& principal,
                                                                std::vector<Order>& orders) {
  if (auto asked = co_await ask_for_factor(service, principal, orders); !asked)
    co_return fail(std::move(asked.error()));
  const std::int64_t total = total_awaiting(orders);
  const Config& config = service.config;
  if (total == 0 || config.pin_payment_limit_minor == 0) co_return std::nullopt;
  const FactorState& factors = principal.factors;
  const bool shown = factors.has_shown_pin(now_us() / kSecond_us);
  const std::int64_t most =
      std::min(config.pin_payment_limit_minor,
               factors.pin_per_payment_minor.value_or(config.pin_payment_limit_minor));
  if (total > most) {
    refuse_awaiting(orders, shown ? Code::pin_limit : Code::step_up_required, false);
    co_return std::nullopt;
  }
  pg::Params params;
  params.add(principal.user_id).add(principal.session_id);
  params.add(shown ? std::optional(total) : std::nullopt);
  params.add(config.pin_payment_limit_minor).add(config.pin_daily_limit_minor);
  const auto rows =
      co_await service.db.query(queries::transaction::take_pin_allowance, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto row = rows->front();
  if (row.verdict == "taken") co_return allow(orders, principal.user_id, row.day);
  // Whatever the token says, the PIN may have been removed or locked since.
  const bool is_limit = row.verdict == "limit";
  refuse_awaiting(orders, is_limit ? Code::pin_limit : Code::step_up_required,
                  row.verdict == "unshown");
  co_return std::nullopt;
}

Task<void> give_back_unpaid(Service& service, const std::optional<PinAllowance>& taken,
                            const ledger::Outcomes& outcomes) {
  if (!taken) co_return;
  std::int64_t unused = 0;
  for (std::size_t i = 0; i < outcomes.size() && i < taken->amounts.size(); ++i)
    if (!may_have_happened(outcomes[i])) unused += taken->amounts[i];
  if (unused == 0) co_return;
  pg::Params params;
  params.add(taken->payer).add(taken->day).add(unused);
  const auto done =
      co_await service.db.query(queries::transaction::return_pin_allowance, std::move(params));
  // PINs are good for so much less today, then: never for more.
  if (!done)
    log::warn("what a PIN was not used for could not be given back",
              {{"user.id", taken->payer.to_string()}});
}

}  // namespace instapay::transaction
