#include "ledger/commit/account_book.h"

namespace instapay::ledger {

std::vector<AccountId> AccountBook::look_up(std::span<const AccountId> ids, Accounts& found) {
  std::vector<AccountId> unknown;
  const std::lock_guard lock(mutex_);
  for (const AccountId& id : ids) {
    if (const auto young = young_.find(id); young != young_.end()) {
      found.insert_or_assign(id, young->second);
    } else if (const auto old = old_.find(id); old != old_.end()) {
      found.insert_or_assign(id, old->second);
    } else {
      unknown.push_back(id);
    }
  }
  return unknown;
}

void AccountBook::store_one(const Account& account) {
  if (young_.size() >= generation_max_ && !young_.contains(account.id)) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(account.id, account);
}

void AccountBook::store(std::span<const Account> accounts) {
  const std::lock_guard lock(mutex_);
  for (const Account& account : accounts) store_one(account);
}

void AccountBook::forget(std::span<const AccountId> ids) {
  const std::lock_guard lock(mutex_);
  for (const AccountId& id : ids) {
    young_.erase(id);
    old_.erase(id);
  }
}

void AccountBook::clear() {
  const std::lock_guard lock(mutex_);
  young_.clear();
  old_.clear();
}

std::size_t AccountBook::size() const {
  const std::lock_guard lock(mutex_);
  return young_.size() + old_.size();
}

}  // namespace instapay::ledger
