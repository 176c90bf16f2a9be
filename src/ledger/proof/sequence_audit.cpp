#include "ledger/proof/sequence_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

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
bool control(const std::string& text, bool by_owner, SequenceAudit::State& state) {
  const auto change = parse_json(text);
  if (!change) return false;
  if (const Json* status = member(&*change, "status")) {
    const auto after = status_of(member(status, "after"));
    if (status_of(member(status, "before")) != state.status || !after) return false;
    state.status = *after;
    state.frozen_by_owner = *after == AccountStatus::frozen && by_owner;
  }
  if (const Json* limits = member(&*change, "limits")) {
    if (limits_of(member(limits, "before")) != state.limits) return false;
    state.limits = limits_of(member(limits, "after"));
  }
  return true;
}

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }

std::uint64_t digest(const Uuid& id, const SequenceAudit::HoldRecord& record) {
  const Hold& hold = record.hold;
  HashInput input;
  input.bytes(id.bytes).bytes(hold.payer.uuid.bytes).bytes(hold.payee.uuid.bytes);
  for (const std::int64_t part :
       {hold.amount.minor, hold.captured.minor, hold.expires.us,
        static_cast<std::int64_t>(hold.status), record.seq.value, std::int64_t{record.captures},
        record.created.us, record.ended.value_or(Time{}).us})
    input.number(bits(part), 8);
  const Hash256 hash = input.hash();
  std::uint64_t first;
  std::memcpy(&first, hash.data(), sizeof first);
  return first;
}

}  // namespace

SequenceAudit::Step SequenceAudit::step_of(const Entry& entry) {
  const Transfer& t = entry.transfer;
  const Side& side = entry.side();
  const bool paid = entry.paid && t.kind == EntryKind::transfer && !is_system(t.payer);
  const bool holds = t.kind == EntryKind::hold;
  return {.change = entry.paid ? -t.amount : t.amount,
          .held_change = side.held_change,
          .balance = side.balance,
          .held = side.held,
          .sent = paid    ? t.amount
                  : holds ? side.held_change
                          : Amount{0},
          .sent_today = side.sent_today,
          .day = day_of(t.created),
          .change_text = t.change,
          .kind = t.kind,
          .hold = holds ? t.id : t.reference,
          .other = entry.paid ? t.payee : t.payer,
          .actor = t.actor,
          .created = t.created};
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
  if (step.kind == EntryKind::control && !control(step.change_text, step.actor == id.uuid, account))
    return differs("its change does not begin with what was so before");
  std::string_view fault;
  if (step.kind == EntryKind::hold) {
    fault = begin_hold(id, account, step);
  } else if (step.held_change != Amount{0}) {
    fault = change_hold(account, step);
  } else if (step.kind == EntryKind::release ||
             (step.kind == EntryKind::capture && step.change < Amount{0})) {
    fault = "it is of a hold and leaves what is held as it was";
  }
  return fault.empty() ? std::string() : differs(fault);
}

std::string_view SequenceAudit::begin_hold(const AccountId& id, Account& account,
                                           const Step& step) {
  const auto expires = end_of_hold(step.change_text);
  if (!expires || *expires <= step.created || step.held_change <= Amount{0})
    return "it makes a hold without an end or an amount";
  HoldRecord record{
      .hold = {.payer = id, .payee = step.other, .amount = step.held_change, .expires = *expires},
      .seq = account.last,
      .created = step.created};
  if (!account.open.emplace(step.hold, record).second) return "it makes a hold that is there";
  return {};
}

std::string_view SequenceAudit::change_hold(Account& account, const Step& step) {
  const bool captures = step.kind == EntryKind::capture;
  if (!captures && step.kind != EntryKind::release)
    return "it is of no hold and changes what is held";
  const auto found = account.open.find(step.hold);
  if (found == account.open.end()) return "it is of a hold that is not open";
  HoldRecord& record = found->second;
  Hold& hold = record.hold;
  const Amount paid = -step.change, freed = -step.held_change;
  const bool over = hold.expires <= step.created;
  const bool by_payee = step.other == hold.payee && step.actor == hold.payee.uuid;
  const bool ends = freed == hold.left();
  if (freed > hold.left() || (!ends && (freed != paid || !captures)))
    return "it gives free what is not left of its hold";
  if (captures && (paid > freed || over || !by_payee))
    return "it captures more than its hold allows, after its end, or for another";
  if (!captures && step.actor != Uuid{} && !by_payee)
    return "its hold is not released by its payee";
  hold.captured += paid;
  record.captures += captures ? 1 : 0;
  if (!ends) return {};
  record.ended = step.created;
  hold.status = captures ? HoldStatus::captured : over ? HoldStatus::expired : HoldStatus::released;
  account.ended += digest(step.hold, record);
  account.open.erase(found);
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

std::string SequenceAudit::claim_hold(const Uuid& id, const HoldRecord& record) {
  const auto account = accounts_.find(record.hold.payer);
  const auto differs = [&](std::string_view how) {
    return fmt::format("hold {}: {}", id.to_string(), how);
  };
  if (account == accounts_.end()) return differs("its payer does not exist");
  account->second.claimed_held += record.hold.left();
  if (record.hold.status != HoldStatus::open) {
    account->second.ended -= digest(id, record);
    return {};
  }
  auto& open = account->second.open;
  const auto found = open.find(id);
  if (found == open.end()) return differs("is open, and not by its payer's entries");
  if (found->second != record) return differs("is not what its payer's entries say");
  open.erase(found);
  return {};
}

std::string SequenceAudit::find_unclaimed_hold() const {
  for (const auto& [id, account] : accounts_) {
    if (!account.open.empty())
      return fmt::format("hold {}: is open by its payer's entries, and does not exist",
                         account.open.begin()->first.to_string());
    if (account.ended != 0)
      return fmt::format("account {}: its holds that have ended are not what its entries say",
                         id.to_string());
    if (account.claimed_held != account.held)
      return fmt::format("account {}: what it holds is not what its open holds have left",
                         id.to_string());
  }
  return {};
}

}  // namespace instapay::ledger
