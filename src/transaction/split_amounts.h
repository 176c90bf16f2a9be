#pragma once
// How a sum is divided among people: whole minor units, and exactly all of it.
#include <cstdint>
#include <span>
#include <vector>

#include "core/money.h"
#include "core/uuid.h"

namespace instapay::transaction {

/// What somebody takes of a sum, by weight.
struct Portion {
  Uuid person;
  bool is_own = false;  // of who splits
  std::int32_t shares = 1;
};

/// What each takes, in the order of the portions, by the method of the largest remainder: everybody
/// has their exact share rounded down, and each minor unit that is left goes to one of those with
/// the largest remainders. Among equal remainders who splits is first, then the smaller id: the
/// order of the portions decides nothing. Every weight is above zero, and no person comes twice.
std::vector<std::int64_t> amounts_of(std::int64_t total_minor, std::span<const Portion> portions);

/// Whether an amount that amounts_of() made has one of the units that were left.
bool has_extra(std::int64_t amount_minor, std::int64_t total_minor, std::int64_t shares,
               std::int64_t all_shares);

}  // namespace instapay::transaction
