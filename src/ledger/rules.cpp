#include "ledger/rules.h"

#include <algorithm>
#include <cassert>

#include "core/money.h"
#include "core/time.h"

namespace instapay::ledger {
namespace {

std::int64_t sent_on(const Account& account, std::int32_t day) {
  return account.sent_day == day ? account.sent_today_minor : 0;
}

std::optional<Refusal> check_limits(const Account& payer, const Order& order, const Limits& limits,
                                    std::int64_t now_us) {
  const std::int64_t transfer_limit = payer.transfer_limit_minor.value_or(limits.transfer_minor);
  const bool limited = payer.transfer_limit_minor.has_value() || limits.transfer_minor > 0;
  if (limited && order.amount_minor > transfer_limit)
    return Refusal{Code::transfer_limit_exceeded, transfer_limit, transfer_limit};

  const std::int64_t daily_limit = payer.daily_limit_minor.value_or(limits.daily_minor);
  const bool limited_daily = payer.daily_limit_minor.has_value() || limits.daily_minor > 0;
  const std::int32_t day = day_of(now_us);
  const std::int64_t left = std::max<std::int64_t>(daily_limit - sent_on(payer, day), 0);
  if (limited_daily && order.amount_minor > left)
    return Refusal{.code = Code::daily_limit_exceeded,
                   .available_minor = left,
                   .limit_minor = daily_limit,
                   .resets_us = day_ends_us(day)};
  return std::nullopt;
}

}  // namespace

std::int64_t time_of(const Account& payer, const Account& payee, std::int64_t now_us) {
  return std::max({now_us, payer.last_entry_us + 1, payee.last_entry_us + 1});
}

std::int32_t day_of(std::int64_t unix_us) { return static_cast<std::int32_t>(unix_us / kDay_us); }

std::int64_t day_ends_us(std::int32_t day) { return (day + 1) * kDay_us; }

std::optional<Refusal> check(const Account& payer, const Account& payee, const Order& order,
                             const Limits& limits, std::int64_t now_us) {
  assert(order.amount_minor > 0 && order.amount_minor <= kAmountMax_minor);
  assert(payer.id == order.payer && payee.id == order.payee);
  if (payer.id == payee.id) return Refusal{Code::self_transfer};

  // An operator may take money back from a frozen account, and put it into one.
  const bool by_operator = order.kind == TransferKind::adjustment;
  if (!by_operator && payer.status == AccountStatus::frozen) return Refusal{Code::sender_frozen};
  if (payer.status == AccountStatus::closed) return Refusal{Code::account_closed};
  if (!by_operator && payee.status == AccountStatus::frozen)
    return Refusal{Code::receiver_unavailable};
  if (payee.status == AccountStatus::closed) return Refusal{Code::receiver_unavailable};

  if (order.kind == TransferKind::transfer)
    if (auto refusal = check_limits(payer, order, limits, time_of(payer, payee, now_us)))
      return refusal;

  if (payer.kind == AccountKind::wallet && payer.balance_minor < order.amount_minor)
    return Refusal{Code::insufficient_funds, payer.balance_minor};
  // Both balances and the amount are within kAmountMax_minor: the sums fit in 64 bits.
  if (payee.balance_minor + order.amount_minor > kAmountMax_minor ||
      payer.balance_minor - order.amount_minor < -kAmountMax_minor)
    return Refusal{Code::balance_limit_exceeded, kAmountMax_minor - payee.balance_minor,
                   kAmountMax_minor};
  return std::nullopt;
}

Transfer apply(Account& payer, Account& payee, const Order& order, std::int64_t now_us) {
  const std::int64_t created_us = time_of(payer, payee, now_us);
  if (order.kind == TransferKind::transfer) {
    const std::int32_t day = day_of(created_us);
    payer.sent_today_minor = sent_on(payer, day) + order.amount_minor;
    payer.sent_day = day;
  }
  payer.balance_minor -= order.amount_minor;
  payee.balance_minor += order.amount_minor;
  payer.last_entry_us = payee.last_entry_us = created_us;
  assert(payer.kind == AccountKind::system || payer.balance_minor >= 0);

  Transfer transfer;
  transfer.id = Uuid::v7(created_us);
  transfer.payer = order.payer;
  transfer.payee = order.payee;
  transfer.amount_minor = order.amount_minor;
  transfer.kind = order.kind;
  transfer.note = order.note;
  transfer.key = order.key;
  transfer.request_hash = order.request_hash;
  transfer.refund_of = order.refund_of;
  transfer.created_us = created_us;
  transfer.payer_balance_minor = payer.balance_minor;
  transfer.payee_balance_minor = payee.balance_minor;
  return transfer;
}

void make_ordered_set(std::vector<Uuid>& ids) {
  std::ranges::sort(ids);
  const auto rest = std::ranges::unique(ids);
  ids.erase(rest.begin(), rest.end());
}

std::string_view name_of(TransferKind kind) {
  switch (kind) {
    case TransferKind::transfer:
      return "transfer";
    case TransferKind::refund:
      return "refund";
    case TransferKind::opening:
      return "opening";
    case TransferKind::adjustment:
      return "adjustment";
  }
  return "unknown";
}

std::string_view name_of(AccountStatus status) {
  switch (status) {
    case AccountStatus::active:
      return "active";
    case AccountStatus::frozen:
      return "frozen";
    case AccountStatus::closed:
      return "closed";
  }
  return "unknown";
}

}  // namespace instapay::ledger
