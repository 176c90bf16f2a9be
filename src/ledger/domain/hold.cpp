#include "ledger/domain/hold.h"

#include "core/check.h"
#include "core/json.h"

namespace instapay::ledger {

std::string terms_of_hold(Time expires) {
  return R"({"expiresAt":")" + format_time(expires.us) + R"("})";
}

std::optional<Time> end_of_hold(std::string_view terms) {
  const auto json = parse_json(terms);
  if (!json || json->kind != Json::Kind::object) return std::nullopt;
  const Json* expires = json->find("expiresAt");
  if (expires == nullptr || expires->kind != Json::Kind::string) return std::nullopt;
  const auto us = parse_time(expires->text);
  return us ? std::optional(Time{*us}) : std::nullopt;
}

std::optional<Refusal> check(const Hold& hold, const Order& order, Time time, bool payee_closed) {
  if (hold.payer != order.payer || hold.payee != order.payee) return Refusal{Code::hold_not_found};
  switch (hold.status) {
    case HoldStatus::captured:
      return Refusal{Code::hold_captured};
    case HoldStatus::released:
      return Refusal{Code::hold_released};
    case HoldStatus::expired:
      return Refusal{Code::hold_expired};
    case HoldStatus::open:
      break;
  }
  const bool by_payee = order.actor == hold.payee.uuid, over = hold.expires <= time;
  if (order.kind == EntryKind::release) {
    const bool by_itself = order.actor == Uuid{} && (over || payee_closed);
    return by_payee || by_itself ? std::nullopt : std::optional(Refusal{Code::forbidden});
  }
  if (over) return Refusal{Code::hold_expired};
  if (!by_payee) return Refusal{Code::forbidden};
  if (order.amount > hold.left())
    return Refusal{Code::capture_exceeds_hold, hold.left(), hold.amount};
  return std::nullopt;
}

Order exact_order(const Hold& hold, const Order& order) {
  Order exact = order;
  const bool all = order.kind == EntryKind::release || order.amount == kAllThatRemains;
  if (all) exact.amount = hold.left();
  if (order.final) exact.freed = hold.left();
  return exact;
}

void settle(Hold& hold, const Transfer& transfer) {
  const Amount freed = -transfer.payer_side.held_change;
  CHECK(hold.status == HoldStatus::open && freed <= hold.left() && transfer.amount <= freed);
  const bool ends = freed == hold.left();
  hold.captured += transfer.amount;
  if (transfer.kind == EntryKind::release) {
    CHECK(ends);
    hold.status = transfer.created < hold.expires ? HoldStatus::released : HoldStatus::expired;
  } else if (ends) {
    hold.status = HoldStatus::captured;
  }
}

Hold begin_hold(const Transfer& transfer, Time expires) {
  return {.payer = transfer.payer,
          .payee = transfer.payee,
          .amount = transfer.payer_side.held_change,
          .expires = expires};
}

}  // namespace instapay::ledger
