#include "ledger/domain/payable.h"

#include "core/check.h"

namespace instapay::ledger {

std::optional<Refusal> check(const Payable& payable, const Order& order, Time time) {
  if (payable.payee != order.payee || payable.payer.value_or(order.payer) != order.payer)
    return Refusal{Code::request_not_found};
  switch (payable.status) {
    case RequestStatus::paid:
      return Refusal{Code::request_already_paid};
    case RequestStatus::declined:
      return Refusal{Code::request_declined};
    case RequestStatus::cancelled:
      return Refusal{Code::request_cancelled};
    case RequestStatus::open:
    case RequestStatus::partly_paid:
      break;
  }
  if (payable.expires && *payable.expires <= time) return Refusal{Code::request_expired};
  if (payable.amount.value_or(order.amount) != order.amount)
    return Refusal{Code::request_amount_fixed};
  return std::nullopt;
}

void pay(Payable& payable, const Uuid& request) {
  CHECK(payable.status == RequestStatus::open || !is_paid_once(request));
  payable.status = is_paid_once(request) ? RequestStatus::paid : RequestStatus::partly_paid;
}

}  // namespace instapay::ledger
