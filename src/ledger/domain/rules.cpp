#include "ledger/domain/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/check.h"
#include "ledger/domain/hold.h"

namespace instapay::ledger {
namespace {

std::optional<Refusal> check_limits(const Account& payer, const Order& order, const Limits& limits,
                                    Time time) {
  const Amount per_transfer = payer.limits.per_transfer.value_or(limits.per_transfer);
  const bool limited = payer.limits.per_transfer.has_value() || limits.per_transfer > Amount{0};
  if (limited && order.amount > per_transfer)
    return Refusal{Code::transfer_limit_exceeded, per_transfer, per_transfer};

  const Amount per_day = payer.limits.per_day.value_or(limits.per_day);
  const bool limited_daily = payer.limits.per_day.has_value() || limits.per_day > Amount{0};
  const Day day = day_of(time);
  const Amount left = std::max(per_day - sent_on(payer, day), Amount{0});
  if (limited_daily && order.amount > left)
    return Refusal{.code = Code::daily_limit_exceeded,
                   .available = left,
                   .limit = per_day,
                   .resets = day.ends()};

  const Amount unverified = limits.unverified_per_day;
  const Amount left_unverified = std::max(unverified - sent_on(payer, day), Amount{0});
  if (payer.unverified && unverified > Amount{0} && order.amount > left_unverified)
    return Refusal{.code = Code::unverified_limit_exceeded,
                   .available = left_unverified,
                   .limit = unverified,
                   .resets = day.ends()};
  return std::nullopt;
}

// Freezing keeps its person from moving money, not operators: they take money back from a frozen
// account, by an adjustment or a refund to whom it was taken from, and put money into one. A closed
// one is empty and stays so until it is opened again.
std::optional<Refusal> check_statuses(const Account& payer, const Account& payee,
                                      const Order& order) {
  const bool by_operator = is_by_operator(order);
  // Who has promised money does not take it back by freezing the own wallet.
  const bool promised = order.kind == EntryKind::capture && payer.frozen_by_owner;
  if (!by_operator && !promised && payer.status == AccountStatus::frozen)
    return Refusal{Code::sender_frozen};
  if (payer.status == AccountStatus::closed)
    return Refusal{by_operator ? Code::wallet_closed : Code::account_closed};
  if (!by_operator && payee.status == AccountStatus::frozen)
    return Refusal{Code::receiver_unavailable};
  if (payee.status == AccountStatus::closed) return Refusal{Code::receiver_unavailable};
  return std::nullopt;
}

// By how much less is held after a capture: what is paid, and what its last one gives free.
Amount out_of_held(const Order& capture) { return std::max(capture.amount, capture.freed); }

Time ahead_by_little(const Account& account, Time now) {
  const bool little = account.kind == AccountKind::wallet && account.last_entry > now &&
                      account.last_entry.us - now.us <= kClockTolerance_us;
  return little ? account.last_entry : now;
}

// The account's next entry.
Side write_entry(Account& account, Amount change, Amount held_change, Amount sent, Time time) {
  const Day day = day_of(time);
  account.sent_today = add_sent(sent_on(account, day), sent);
  account.sent_day = day;
  account.balance += change;
  account.held += held_change;
  account.seq = account.seq.next();
  account.last_entry = time;
  CHECK(account.held >= Amount{0});
  CHECK(account.kind == AccountKind::system || account.available() >= Amount{0});
  CHECK(account.balance <= kAmountMax && account.balance >= -kAmountMax);
  return {account.seq, account.balance, account.held, held_change, account.sent_today};
}

Transfer record_of(const Order& order, Time time) {
  Transfer transfer;
  transfer.id = Uuid::v7(time.us);
  transfer.payer = order.payer;
  transfer.payee = order.payee;
  transfer.amount = order.amount;
  transfer.kind = order.kind;
  transfer.note = order.note;
  transfer.refund_of = order.refund_of;
  transfer.reference = order.reference;
  transfer.actor = order.actor;
  transfer.created = time;
  return transfer;
}

std::string limit_json(std::optional<Amount> limit) {
  return limit ? std::to_string(limit->minor) : "null";
}

std::string limits_json(const OwnLimits& limits) {
  return fmt::format(R"({{"perTransfer":{},"perDay":{}}})", limit_json(limits.per_transfer),
                     limit_json(limits.per_day));
}

// Staff who freeze what its owner has frozen take it over: "before" and "after" are the same then.
bool changes_status(const Account& account, const Order& order) {
  const auto& status = order.control.status;
  if (!status) return false;
  const bool takes_over =
      status == AccountStatus::frozen && account.frozen_by_owner && !is_by_owner(order);
  return *status != account.status || takes_over;
}

// {"status":{"before":…,"after":…}}: amounts in minor units, nothing that is personal.
std::string carry_out(const Order& order, Account& account) {
  const Control& control = order.control;
  std::string members;
  const auto add = [&](std::string_view member) {
    if (!members.empty()) members += ',';
    members += member;
  };
  if (changes_status(account, order)) {
    add(fmt::format(R"("status":{{"before":"{}","after":"{}"}})", name_of(account.status),
                    name_of(*control.status)));
    account.status = *control.status;
    account.frozen_by_owner = account.status == AccountStatus::frozen && is_by_owner(order);
  }
  if (control.limits && *control.limits != account.limits) {
    add(fmt::format(R"("limits":{{"before":{},"after":{}}})", limits_json(account.limits),
                    limits_json(*control.limits)));
    account.limits = *control.limits;
  }
  if (!control.change.empty()) add(control.change);
  return "{" + members + "}";
}

// What people do to their own account: freeze it, lift what they froze themselves, and close it.
// Nobody is the second pair of eyes for anything else.
std::optional<Refusal> check_own(const Account& account, const Control& control) {
  if (!control.status || control.limits || !control.change.empty()) return Refusal{Code::forbidden};
  if (account.status == AccountStatus::closed) return Refusal{Code::account_closed};
  const bool lifts = control.status == AccountStatus::active && account.frozen_by_owner;
  if (account.status == AccountStatus::frozen && !lifts) return Refusal{Code::account_frozen};
  return std::nullopt;
}

}  // namespace

Amount add_sent(Amount sum, Amount payment) {
  // Both summands are bounded, so their sum fits in 64 bits.
  constexpr Amount kSentMax{9'000'000'000'000'000'000};
  return std::min(sum + payment, kSentMax);
}

Amount sent_on(const Account& account, Day day) {
  if (account.kind == AccountKind::system) return {};
  CHECK(account.sent_day <= day);
  return account.sent_day == day ? account.sent_today : Amount{0};
}

bool knows_day_of(const Account& account, Time now) {
  return account.kind == AccountKind::system ||
         account.sent_day <= day_of(ahead_by_little(account, now));
}

Time time_of(const Account& payer, const Account& payee, Time now) {
  return std::max(ahead_by_little(payer, now), ahead_by_little(payee, now));
}

std::optional<Refusal> check(const Account& payer, const Account& payee, const Order& order,
                             const Limits& limits, Time now) {
  CHECK(order.amount > Amount{0} && order.amount <= kAmountMax);
  CHECK(payer.id == order.payer && payee.id == order.payee);
  if (payer.id == payee.id) return Refusal{Code::self_transfer};
  if (auto refusal = check_statuses(payer, payee, order)) return refusal;
  if (order.kind == EntryKind::transfer)
    if (auto refusal = check_limits(payer, order, limits, time_of(payer, payee, now)))
      return refusal;

  // A capture takes what it gives free, too: more than is held is so where the payer's state is
  // older than the hold.
  const bool captures = order.kind == EntryKind::capture;
  const Amount spendable = captures ? payer.held : payer.available();
  const Amount needed = captures ? out_of_held(order) : order.amount;
  if (payer.kind == AccountKind::wallet && spendable < needed)
    return Refusal{Code::insufficient_funds, spendable};
  if (payee.balance + order.amount > kAmountMax || payer.balance - order.amount < -kAmountMax)
    return Refusal{Code::balance_limit_exceeded, kAmountMax - payee.balance, kAmountMax};
  return std::nullopt;
}

std::optional<Refusal> check(const Account& account, const Order& order, const Limits& limits,
                             Time now) {
  CHECK(account.id == order.payer);
  if (order.kind == EntryKind::control) {
    if (is_by_owner(order))
      if (auto refusal = check_own(account, order.control)) return refusal;
    // Closed, nobody could get at it any more.
    const bool closes =
        order.control.status == AccountStatus::closed && account.status != AccountStatus::closed;
    if (closes && account.balance != Amount{0})
      return Refusal{.code = Code::balance_not_zero, .available = account.balance};
    return std::nullopt;
  }
  CHECK(order.amount > Amount{0} && order.amount <= kAmountMax);
  if (order.payer == order.payee) return Refusal{Code::self_transfer};
  if (account.status == AccountStatus::closed) return Refusal{Code::account_closed};
  if (order.kind == EntryKind::release) {
    if (account.held < order.amount) return Refusal{Code::insufficient_funds, account.held};
    return std::nullopt;
  }
  if (account.status == AccountStatus::frozen) return Refusal{Code::sender_frozen};
  const Time time = ahead_by_little(account, now);
  if (order.expires.value() <= time) return Refusal{Code::hold_expired};
  if (auto refusal = check_limits(account, order, limits, time)) return refusal;
  if (account.available() < order.amount)
    return Refusal{Code::insufficient_funds, account.available()};
  return std::nullopt;
}

Transfer apply(Account& payer, Account& payee, const Order& order, Time now) {
  const Time time = time_of(payer, payee, now);
  const Amount sent = order.kind == EntryKind::transfer ? order.amount : Amount{0};
  const Amount released = order.kind == EntryKind::capture ? -out_of_held(order) : Amount{0};
  Transfer transfer = record_of(order, time);
  if (order.authorization) transfer.change = change_of_authorization(*order.authorization);
  // Of an adjustment that staff have signed.
  if (!order.control.change.empty()) transfer.change = "{" + order.control.change + "}";
  transfer.payer_side = write_entry(payer, -order.amount, released, sent, time);
  transfer.payee_side = write_entry(payee, order.amount, {}, {}, time);
  return transfer;
}

bool changes_anything(const Account& account, const Order& order) {
  const Control& control = order.control;
  return changes_status(account, order) || (control.limits && *control.limits != account.limits) ||
         !control.change.empty();
}

Transfer apply(Account& account, const Order& order, Time now) {
  const Time time = ahead_by_little(account, now);
  Transfer transfer = record_of(order, time);
  transfer.amount = {};  // the balance stays as it is
  Amount held_change, sent;
  if (order.kind == EntryKind::control) {
    transfer.payee = {order.actor};
    transfer.change = carry_out(order, account);
  } else if (order.kind == EntryKind::hold) {
    transfer.change = terms_of_hold(order.expires.value());
    held_change = sent = order.amount;
  } else {
    held_change = -order.amount;
  }
  transfer.payer_side = write_entry(account, {}, held_change, sent, time);
  return transfer;
}

}  // namespace instapay::ledger
