#pragma once
// A hold: a part of the payer's balance that is set aside for a payee, who captures of it what is
// due until it ends. Its id is that of the transfer that made it. Pure.
#include "ledger/domain/transfer.h"

namespace instapay::ledger {

/// As in the table `holds`. What is open past its end has expired.
enum class HoldStatus : std::int16_t {
  open = 0,
  captured = 1,  // all of it, or the last of it
  released = 2,
  expired = 3,
};

struct Hold {
  AccountId payer, payee;
  Amount amount, captured;  // captured: so far
  Time expires;
  HoldStatus status = HoldStatus::open;

  /// What is held for it.
  Amount left() const { return status == HoldStatus::open ? amount - captured : Amount{0}; }
  bool operator==(const Hold&) const = default;
};
/// By their ids; those not here do not exist.
using Holds = boost::unordered_flat_map<Uuid, Hold, std::hash<Uuid>>;

/// Whether the order is about a hold that is there already (Order::reference).
inline bool needs_hold(const Order& order) {
  return order.kind == EntryKind::release || order.kind == EntryKind::capture;
}

/// Transfer::change of a hold: {"expiresAt":"2026-11-22T12:55:03.123456Z"}.
std::string terms_of_hold(Time expires);
/// nullopt: it is not of that form.
std::optional<Time> end_of_hold(std::string_view terms);

/// Why the hold may not be captured or released so at that time, or nullopt. Checks in this order:
/// hold_not_found (also where it is of other accounts), hold_captured, hold_released, hold_expired,
/// forbidden (whoever is not the payee; nobody, before its end), capture_exceeds_hold.
/// `payee_closed`: nothing can be captured any more, so it ends before its end.
std::optional<Refusal> check(const Hold& hold, const Order& order, Time time, bool payee_closed);

/// The order as it is carried out: with the amount that it moves or gives free. It must have passed
/// check().
Order exact_order(const Hold& hold, const Order& order);

/// What becomes of the hold.
void settle(Hold& hold, const Transfer& transfer);
/// A hold as it begins.
Hold begin_hold(const Transfer& transfer, Time expires);

}  // namespace instapay::ledger
