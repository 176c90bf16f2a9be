#pragma once
// An account is a sequence of entries; this is its state after the last one.
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/domain/units.h"

namespace instapay::ledger {

enum class AccountKind : std::int16_t { wallet = 0, system = 1 };
enum class AccountStatus : std::int16_t { active = 0, frozen = 1, closed = 2 };

/// "active", "frozen", "closed", as on the wire.
std::string_view name_of(AccountStatus status);
std::optional<AccountStatus> parse_account_status(std::string_view name);

/// An account's own limits, in place of the platform's.
struct OwnLimits {
  std::optional<Amount> per_transfer, per_day;
  bool operator==(const OwnLimits&) const = default;
};

struct Account {
  AccountId id;
  AccountKind kind = AccountKind::wallet;
  AccountStatus status = AccountStatus::active;
  bool frozen_by_owner = false;  // so that its owner may lift it
  OwnLimits limits;
  bool unverified = false;  // its owner's address is not known to be theirs
  Seq seq;                  // of its last entry
  Amount balance;
  Amount held;        // of the balance, what is reserved
  Day sent_day;       // the day of its last entry, which `sent_today` is about
  Amount sent_today;  // by payments and holds
  Time last_entry;    // when it was

  Amount available() const { return balance - held; }
};

using Accounts = boost::unordered_flat_map<AccountId, Account, std::hash<AccountId>>;
using AccountIds = boost::unordered_flat_set<AccountId, std::hash<AccountId>>;

/// Sorted, each once: the order in which accounts are locked and written.
void make_ordered_set(std::vector<AccountId>& ids);

}  // namespace instapay::ledger
