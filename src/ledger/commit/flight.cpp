#include "ledger/commit/flight.h"

#include <algorithm>
#include <chrono>

namespace instapay::ledger {

void Flight::plan(const Plan& plan) {
  accounts_ = plan.changed;
  for (const WrittenKey& written : plan.keys) {
    const auto first = plan.transfers.begin() + static_cast<std::ptrdiff_t>(written.first);
    keys_.emplace(owned(written.key),
                  FirstAnswer{written.key.request,
                              {first, first + static_cast<std::ptrdiff_t>(written.count)},
                              first->refused_items});
  }
  planned_ = true;
}

const Account* Flight::find(const AccountId& account) const {
  const auto at = std::ranges::lower_bound(accounts_, account, {}, &Account::id);
  return at != accounts_.end() && at->id == account ? &*at : nullptr;
}

const FirstAnswer* Flight::find(const OwnedKey& key) const {
  const auto at = keys_.find(key);
  return at != keys_.end() ? &at->second : nullptr;
}

void Flight::become(State state) {
  {
    const std::lock_guard lock(mutex_);
    const bool may = state == State::committed ? state_ == State::in_flight : state_ < state;
    if (may && state_ < State::landed) state_ = state;
  }
  changed_.notify_all();
}

Flight::State Flight::wait(State least, std::int64_t timeout_us) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::microseconds(timeout_us), [&] { return state_ >= least; });
  return state_;
}

}  // namespace instapay::ledger
