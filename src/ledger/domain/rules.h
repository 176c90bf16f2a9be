#pragma once
// The payment rules: pure functions of two accounts, an order and the time. No I/O, no SQL.
#include "ledger/domain/transfer.h"

namespace instapay::ledger {

/// The platform's limits; an account may have its own.
struct Limits {
  Amount per_transfer, per_day;  // 0: none
  Amount unverified_per_day{};   // beside them, of accounts that are; 0: none
};

/// How far the clocks of services may be apart, and how far a transfer's time is moved forward.
inline constexpr std::int64_t kClockTolerance_us = 2'000'000;

/// Why the order may not happen now, or nullopt. Checks in this order: self_transfer,
/// sender_frozen or account_closed, receiver_unavailable, transfer_limit_exceeded,
/// daily_limit_exceeded, unverified_limit_exceeded, insufficient_funds, balance_limit_exceeded.
/// Limits hold for people's payments only: not for refunds, grants and adjustments, and not for
/// captures, since what is held was counted when it was.
std::optional<Refusal> check(const Account& payer, const Account& payee, const Order& order,
                             const Limits& limits, Time now);
/// The same for kinds that only the payer has an entry of: hold, release and control. A hold is
/// limited as a payment, and must end after now (hold_expired).
std::optional<Refusal> check(const Account& account, const Order& order, const Limits& limits,
                             Time now);

/// Moves the money; the order must have passed check(). The transfer has no place in the chain yet.
Transfer apply(Account& payer, Account& payee, const Order& order, Time now);
Transfer apply(Account& account, const Order& order, Time now);

/// Whether a control order would change anything.
bool changes_anything(const Account& account, const Order& order);

/// The time a transfer has: the clock's, or that of the last entry of either wallet where that is
/// ahead by at most kClockTolerance_us. What is further ahead was written by a wrong clock and
/// leaves nothing behind; the order of entries is their number.
Time time_of(const Account& payer, const Account& payee, Time now);

/// A day's sum with a payment added: it stops at a bound that no limit reaches, rather than
/// overflow.
Amount add_sent(Amount sum, Amount payment);
/// What a wallet has sent by payments on a day; its `sent_day` must not be later.
Amount sent_on(const Account& account, Day day);
/// False when a clock that ran ahead wrote the account's last entry on a later day: what it has
/// sent today is then what the last entry says that is not of a later day (Store::load).
bool knows_day_of(const Account& account, Time now);

}  // namespace instapay::ledger
