#pragma once
// The payment rules: pure functions of two accounts, an order and the time. No I/O, no SQL.
#include "ledger/types.h"

namespace instapay::ledger {

/// Why the order may not happen now, or nullopt. Checks in this order: self_transfer,
/// sender_frozen, receiver_unavailable, transfer_limit_exceeded, daily_limit_exceeded,
/// insufficient_funds, balance_limit_exceeded. Limits hold for people's payments only: not for
/// refunds, grants and adjustments.
std::optional<Refusal> check(const Account& payer, const Account& payee, const Order& order,
                             const Limits& limits, std::int64_t now_us);

/// Moves the money; the order must have passed check(). The transfer's time is after the last
/// entry of both accounts, however the clock jumps, so an account's history has one order
/// (time_of()).
Transfer apply(Account& payer, Account& payee, const Order& order, std::int64_t now_us);

/// The time a transfer between the two would have now.
std::int64_t time_of(const Account& payer, const Account& payee, std::int64_t now_us);

/// Days since 1970 in UTC: the day that daily limits count.
std::int32_t day_of(std::int64_t unix_us);
/// When the next one begins, and the limit is whole again.
std::int64_t day_ends_us(std::int32_t day);

}  // namespace instapay::ledger
