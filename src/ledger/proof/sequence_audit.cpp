#include "ledger/proof/sequence_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/json.h"
#include "ledger/domain/rules.h"

namespace instapay::ledger {
namespace {

bool is_system(const AccountId& id) { return id == kOpeningAccount || id == kSettlementAccount; }

const Json* member(const Json* json, std::string_view name) {
  return json == nullptr || json->kind != Json::Kind::object ? nullptr : json->find(name);
}

std::optional<Amount> amount_of(const Json* json) {
  std::int64_t minor = 0;
  if (json == nullptr || json->kind != Json::Kind::number) return std::nullopt;
  std::from_chars(json->text.data(), json->text.data() + json->text.size(), minor);
  return Amount{minor};
}

OwnLimits limits_of(const Json* json) {
  return {amount_of(member(json, "perTransfer")), amount_of(member(json, "perDay"))};
}

std::optional<AccountStatus> status_of(const Json* json) {
  return json == nullptr ? std::nullopt : parse_account_status(json->text);
}

// Carries out what a control entry says; false when that does not begin where the account is.
bool control(const std::string& text, SequenceAudit::State& state) {
  const auto change = parse_json(text);
  if (!change) return false;
  if (const Json* status = member(&*change, "status")) {
    const auto after = status_of(member(status, "after"));
    if (status_of(member(status, "before")) != state.status || !after) return false;
    state.status = *after;
  }
  if (const Json* limits = member(&*change, "limits")) {
    if (limits_of(member(limits, "before")) != state.limits) return false;
    state.limits = limits_of(member(limits, "after"));
  }
  return true;
}

}  // namespace

SequenceAudit::Step SequenceAudit::step_of(const Entry& entry) {
  const Transfer& t = entry.transfer;
  const Side& side = entry.side();
  const bool sent = entry.paid && t.kind == EntryKind::transfer && !is_system(t.payer);
  return {.change = entry.paid ? -t.amount : t.amount,
          .held_change = side.held_change,
          .balance = side.balance,
          .held = side.held,
          .sent = sent ? t.amount : Amount{0},
          .sent_today = side.sent_today,
          .day = day_of(t.created),
          .control = t.change};
}

std::string SequenceAudit::take(const Entry& entry) {
  const AccountId& id = entry.account();
  Account& account = accounts_[id];
  const Seq seq = entry.side().seq;
  if (seq <= account.last || account.early.contains(seq))
    return fmt::format("account {}: two entries with the number {}", id.to_string(), seq.value);
  if (seq != account.last.next()) {
    account.early.emplace(seq, step_of(entry));
    return {};
  }
  std::string difference = follow(id, account, step_of(entry));
  while (difference.empty() && !account.early.empty() &&
         account.early.begin()->first == account.last.next()) {
    difference = follow(id, account, account.early.begin()->second);
    account.early.erase(account.early.begin());
  }
  return difference;
}

std::string SequenceAudit::follow(const AccountId& id, Account& account, const Step& step) {
  account.last = account.last.next();
  const auto differs = [&](std::string_view how) {
    return fmt::format("account {}: entry {}: {}", id.to_string(), account.last.value, how);
  };
  if (step.balance != account.balance + step.change)
    return differs("balance_after is not the one before plus the amount");
  if (step.held != account.held + step.held_change)
    return differs("held_after is not the one before plus held_change");
  account.balance = step.balance;
  account.held = step.held;
  if (!is_system(id) && account.balance < account.held)
    return differs("it holds less than nothing");

  auto& days = account.sent;
  while (!days.empty() && days.back().first > step.day) days.pop_back();
  if (days.empty() || days.back().first < step.day) days.emplace_back(step.day, Amount{0});
  days.back().second = add_sent(days.back().second, step.sent);
  if (step.sent_today != (is_system(id) ? Amount{0} : days.back().second))
    return differs("sent_today is not what was sent on its day");
  if (!step.control.empty() && !control(step.control, account))
    return differs("its change does not begin with what was so before");
  return {};
}

std::string SequenceAudit::find_gap() const {
  for (const auto& [id, account] : accounts_)
    if (!account.early.empty())
      return fmt::format("account {}: entry {} is missing", id.to_string(),
                         account.last.next().value);
  return {};
}

SequenceAudit::State SequenceAudit::claim_account(const AccountId& id) {
  Account& account = accounts_[id];
  ++account.claims;
  return account;
}

std::string SequenceAudit::find_unclaimed() const {
  for (const auto& [id, account] : accounts_)
    if (account.claims != 1)
      return fmt::format("account {}: {}", id.to_string(),
                         account.claims == 0 ? "has entries and does not exist" : "exists twice");
  return {};
}

}  // namespace instapay::ledger
