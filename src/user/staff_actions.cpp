#include "user/staff_actions.h"

#include "core/fields.h"
#include "core/limits.h"

namespace instapay::user {
namespace {

std::string read_reason(Fields& fields) {
  return fields.optional_text("reason", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
}

Task<Result<void>> submit_one(Service& service, const Uuid& user, const Actor& actor,
                              ledger::Order order) {
  std::vector<ledger::Order> orders;
  orders.push_back(std::move(order));
  const auto outcomes = co_await submit_action(service, user, actor, std::move(orders), nullptr);
  if (const auto* refusal = why_refused(outcomes))
    co_return fail(explain_action(*refusal, service.config.currency));
  co_return Result<void>();
}

}  // namespace

Result<Adjustment> read_adjustment(const Json& body, Currency currency) {
  Fields fields(body);
  Adjustment adjustment;
  adjustment.amount_minor = fields.amount("amount", currency, true);
  adjustment.reason = read_reason(fields);
  if (auto error = fields.finish()) return fail(std::move(*error));
  return adjustment;
}

ledger::Order adjustment_order(const Uuid& user, const Uuid& actor, const Adjustment& adjustment) {
  const bool pays_in = adjustment.amount_minor > 0;
  ledger::Order order;
  order.payer = pays_in ? ledger::kSettlementAccount : ledger::AccountId{user};
  order.payee = pays_in ? ledger::AccountId{user} : ledger::kSettlementAccount;
  order.amount = {pays_in ? adjustment.amount_minor : -adjustment.amount_minor};
  order.kind = ledger::EntryKind::adjustment;
  order.note = adjustment.reason;
  order.actor = actor;
  return order;
}

Task<Result<void>> adjust(Service& service, Uuid user, Adjustment adjustment, Actor actor) {
  co_return co_await submit_one(service, user, actor, adjustment_order(user, actor.id, adjustment));
}

Result<NewLimits> read_limits(const Json& body, Currency currency) {
  Fields fields(body);
  NewLimits limits;
  limits.per_transfer_minor = fields.optional_amount("perTransfer", currency);
  limits.per_day_minor = fields.optional_amount("perDay", currency);
  limits.reason = read_reason(fields);
  if (auto error = fields.finish()) return fail(std::move(*error));
  return limits;
}

Task<Result<void>> change_limits(Service& service, Uuid user, NewLimits limits, Actor actor) {
  const auto limit = [](std::optional<std::int64_t> minor) {
    return minor ? std::optional(ledger::Amount{*minor}) : std::nullopt;
  };
  ledger::Order order;
  order.payer = {user};
  order.kind = ledger::EntryKind::control;
  order.actor = actor.id;
  order.note = limits.reason;
  order.control.limits =
      ledger::OwnLimits{limit(limits.per_transfer_minor), limit(limits.per_day_minor)};
  co_return co_await submit_one(service, user, actor, std::move(order));
}

Result<Erasure> read_erasure(const Json& body) {
  Fields fields(body);
  Erasure erasure{fields.text("reason", {.max_chars = kNoteMax_chars})};
  if (auto error = fields.finish()) return fail(std::move(*error));
  return erasure;
}

}  // namespace instapay::user
