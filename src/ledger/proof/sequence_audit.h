#pragma once
// Follows every account along its entries: numbers without gaps, each state what the one before and
// the entry make of it, and each hold what its payer's entries make of it. Entries may come in any
// order; what comes early is kept until its turn. Pure.
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/domain/hold.h"
#include "ledger/store/rows.h"

namespace instapay::ledger {

class SequenceAudit {
 public:
  /// Empty, or how the entry differs from what it must be.
  std::string take(const Entry& entry);
  /// When all entries have come. Empty, or which entry is missing.
  std::string find_gap() const;

  /// What the entries leave an account with; nothing when it has none.
  struct State {
    Seq last;
    Amount balance, held;
    AccountStatus status = AccountStatus::active;
    bool frozen_by_owner = false;
    OwnLimits limits;
  };
  State claim_account(const AccountId& id);
  /// An account that was claimed twice, or has entries and was not claimed; empty when there is
  /// none.
  std::string find_unclaimed() const;

  /// A hold as it is kept beside the entries.
  struct HoldRecord {
    Hold hold;
    Seq seq;  // of the payer's entry that made it
    std::int32_t captures = 0;
    Time created;
    std::optional<Time> ended;
    bool operator==(const HoldRecord&) const = default;
  };
  /// Empty, or how the record differs from what the entries say. When all accounts are claimed.
  std::string claim_hold(const Uuid& id, const HoldRecord& record);
  /// When all holds are claimed: empty, or whose they are not all of, or not what is held.
  std::string find_unclaimed_hold() const;

 private:
  struct Step {
    Amount change, held_change, balance, held, sent, sent_today;
    Day day;
    std::string change_text;  // what a control entry changes, or the terms of a hold
    EntryKind kind = EntryKind::transfer;
    Uuid hold;  // the one that it makes or is of
    AccountId other;
    Uuid actor;
    Time created;
  };
  struct Account : State {
    int claims = 0;
    boost::unordered_flat_map<Uuid, HoldRecord, std::hash<Uuid>> open;  // not ended by the entries
    std::uint64_t ended = 0;  // a sum over those that have, without the claimed
    Amount claimed_held;      // what the claimed have left
    // What was sent on the days so far, the latest last; a day is over for good when an earlier one
    // comes.
    std::vector<std::pair<Day, Amount>> sent;
    std::map<Seq, Step> early;
  };

  static Step step_of(const Entry& entry);
  std::string follow(const AccountId& id, Account& account, const Step& step);
  static std::string_view begin_hold(const AccountId& id, Account& account, const Step& step);
  static std::string_view change_hold(Account& account, const Step& step);

  std::unordered_map<AccountId, Account> accounts_;
};

}  // namespace instapay::ledger
