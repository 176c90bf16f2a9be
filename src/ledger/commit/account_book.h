#pragma once
// What this process remembers of accounts, so that a batch need not read them. It may be out of
// date when another process writes too: the write finds the account's next number taken then.
// Bounded; thread-safe.
#include <mutex>
#include <span>

#include "ledger/domain/account.h"

namespace instapay::ledger {

class AccountBook {
 public:
  explicit AccountBook(std::size_t max_accounts) : generation_max_(max_accounts / 2) {}

  /// Copies what is known of the ids into `found`; returns the ids that are not known.
  std::vector<AccountId> look_up(std::span<const AccountId> ids, Accounts& found);
  void store(std::span<const Account> accounts);
  void forget(std::span<const AccountId> ids);
  /// Everything, e.g. since the database may be another one.
  void clear();
  std::size_t size() const;

 private:
  void store_one(const Account& account);

  // Two generations: when the young one is full it becomes the old one, and what nobody asked
  // for since is gone. As good as LRU here, without a list to keep.
  std::size_t generation_max_;
  mutable std::mutex mutex_;
  Accounts young_, old_;
};

}  // namespace instapay::ledger
