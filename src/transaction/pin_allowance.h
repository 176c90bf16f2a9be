#pragma once
// Small payments that a PIN stands for (docs/decisions/0043): how much it is good for is taken from
// the payer's day before the ledger is asked, as with what a service account may order.
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "transaction/service.h"

namespace instapay::transaction {

/// What was taken for the orders of a request, each by its place.
struct PinAllowance {
  Uuid payer;
  std::string day;
  std::vector<std::int64_t> amounts;  // 0: nothing was taken for it
};

/// As ask_for_factor(), but a PIN that this session has shown within five minutes is enough for
/// orders that together are within its limits; nullopt: nothing was taken. What the limits leave no
/// room for is refused (pin_limit). Where none was shown, the refusal says whether there is one
/// that would do.
Task<Result<std::optional<PinAllowance>>> ask_for_factor_or_pin(Service& service,
                                                                const net::Principal& principal,
                                                                std::vector<ledger::Order>& orders);

/// Gives back what the orders have not moved. Their outcomes are in the same places.
Task<void> give_back_unpaid(Service& service, const std::optional<PinAllowance>& taken,
                            const ledger::Outcomes& outcomes);

}  // namespace instapay::transaction
