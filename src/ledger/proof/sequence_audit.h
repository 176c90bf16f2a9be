#pragma once
// Follows every account along its entries: numbers without gaps, each state what the one before and
// the entry make of it. Entries may come in any order; what comes early is kept until its turn.
// Pure.
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

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
    OwnLimits limits;
  };
  State claim_account(const AccountId& id);
  /// An account that was claimed twice, or has entries and was not claimed; empty when there is
  /// none.
  std::string find_unclaimed() const;

 private:
  struct Step {
    Amount change, held_change, balance, held, sent, sent_today;
    Day day;
    std::string control;  // what a control entry changes
  };
  struct Account : State {
    int claims = 0;
    // What was sent on the days so far, the latest last; a day is over for good when an earlier one
    // comes.
    std::vector<std::pair<Day, Amount>> sent;
    std::map<Seq, Step> early;
  };

  static Step step_of(const Entry& entry);
  std::string follow(const AccountId& id, Account& account, const Step& step);

  std::unordered_map<AccountId, Account> accounts_;
};

}  // namespace instapay::ledger
