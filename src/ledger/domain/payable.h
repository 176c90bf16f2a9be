#pragma once
// What a payment refers to (Order::reference): a payment request, an occurrence of a schedule, or
// what is drawn by a mandate, as far as it decides whether and how it may be paid. Pure.
#include "ledger/domain/transfer.h"

namespace instapay::ledger {

/// As in the table `payment_requests`. What is open past its time has expired.
enum class RequestStatus : std::int16_t {
  open = 0,
  paid = 1,
  partly_paid = 2,  // at least once, and may be paid again
  declined = 3,
  cancelled = 4,
};

struct Payable {
  AccountId payee;                 // who asks
  std::optional<AccountId> payer;  // who alone may pay
  std::optional<Amount> amount;    // fixed
  std::optional<Time> expires;
  RequestStatus status = RequestStatus::open;
  bool operator==(const Payable&) const = default;
};
/// By their ids; those not here do not exist. An occurrence and a draw are requests of their payee
/// to their payer, for their amount.
using Payables = boost::unordered_flat_map<Uuid, Payable, std::hash<Uuid>>;

/// The id says how often it may be paid: a request's of version 7 once, of version 8 many times, an
/// occurrence's (version 4) and a draw's (version 6) once. The database's index of what is paid
/// once goes by that, too.
inline bool is_paid_once(const Uuid& request) { return request.version() < 8; }

/// Whether it is a request's id and not an occurrence's or a draw's.
inline bool is_request(const Uuid& reference) { return reference.version() >= 7; }

/// Whether it is a draw's id.
inline bool is_draw(const Uuid& reference) { return reference.version() == 6; }

/// Whether the order pays a request, an occurrence or a draw.
inline bool pays_request(const Order& order) {
  return order.kind == EntryKind::transfer && order.reference != Uuid{};
}

/// Why the request may not be paid so by a transfer of that time, or nullopt. Checks in this order:
/// request_not_found (also for whom it is not meant), request_already_paid, request_declined,
/// request_cancelled, request_expired, request_amount_fixed.
std::optional<Refusal> check(const Payable& payable, const Order& order, Time time);

/// What becomes of the request when it is paid; the order must have passed check().
void pay(Payable& payable, const Uuid& request);

}  // namespace instapay::ledger
