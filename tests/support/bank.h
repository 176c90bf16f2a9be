#pragma once
// The database of the model tests: what PostgreSQL promises the ledger, in memory, with its books
// open. Every write checks versions, keys and batch numbers as the SQL does, atomically.
// Thread-safe.
#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <vector>

#include "ledger/store.h"

namespace instapay::testing {

using namespace ledger;  // NOLINT: tests of the ledger

/// A balance an account had, and which transfer (index in the log) made it so.
struct BalanceAt {
  std::size_t log_index = 0;
  std::int64_t balance_minor = 0;
};

class Bank {
 public:
  struct Batch {
    BatchRow row;
    Hash256 hash;
    std::vector<Hash256> leaves;
  };
  /// A commit that left its client behind: it happens later, or never.
  struct InFlight {
    Plan plan;
    std::vector<Account> opened;
  };

  explicit Bank(unsigned seed) : random_(seed) {
    add(Account{.id = kOpeningAccount, .kind = AccountKind::system});
    add(Account{.id = kSettlementAccount, .kind = AccountKind::system});
  }

  void add(const Account& account) {
    const std::lock_guard lock(mutex_);
    insert(account);
  }
  std::int32_t next_chain() {
    const std::lock_guard lock(mutex_);
    return ++chains_;
  }

  Known read(const LoadRequest& request, const std::vector<Account>& opened) {
    const std::lock_guard lock(mutex_);
    tick();
    Known known;
    for (const Account& account : opened) known.accounts.emplace(account.id, account);
    for (const Uuid& id : request.accounts)
      if (const auto found = accounts_.find(id); found != accounts_.end())
        known.accounts.emplace(id, found->second);
    for (const KeyOfPayer& key : request.keys)
      if (const auto found = keys_.find(key); found != keys_.end())
        known.keys.emplace(key, log_[found->second]);
    for (const RefundKey& key : request.refunds) add_refundable(key, known);
    return known;
  }
  bool exists(const Uuid& id) {
    const std::lock_guard lock(mutex_);
    return accounts_.contains(id);
  }

  StoreResult<void> apply(const Plan& plan, const std::vector<Account>& opened) {
    const std::lock_guard lock(mutex_);
    tick();
    return apply_now(plan, opened);
  }
  void leave_in_flight(const Plan& plan, const std::vector<Account>& opened) {
    const std::lock_guard lock(mutex_);
    in_flight_.push_back({plan, opened});
  }
  bool has_a_key_of(const Plan& plan) {
    const std::lock_guard lock(mutex_);
    tick();
    return knows_a_key_of(plan);
  }
  bool has_basis_of(const Plan& plan) {
    const std::lock_guard lock(mutex_);
    return knows_basis_of(plan);
  }
  StoreResult<void> check_versions(const std::vector<Account>& relied_on) {
    const std::lock_guard lock(mutex_);
    tick();
    return check(relied_on, {});
  }

  /// The void mark, as an INSERT that may have to wait for a commit in flight.
  StoreResult<Fence> fence(const BatchRow& void_row, const Hash256& hash) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < in_flight_.size(); ++i) {
      const BatchRow& row = in_flight_[i].plan.row;
      if (row.chain_id != void_row.chain_id || row.seq != void_row.seq) continue;
      // Its row may be there, uncommitted (lock timeout, or it commits while we wait), or not yet.
      const auto luck = random_() % 3;
      if (luck == 0) return std::unexpected(StoreFailure{StoreFailure::Kind::conflict});
      if (luck == 1) settle(i);
      break;
    }
    const auto [place, voided] = batches_.try_emplace({void_row.chain_id, void_row.seq},
                                                      Batch{void_row, void_row.hash(), {}});
    if (voided) return Fence::voided;
    return place->second.hash == hash ? Fence::committed : Fence::voided;
  }

  void settle_all() {
    const std::lock_guard lock(mutex_);
    while (!in_flight_.empty()) settle(0);
  }
  std::size_t log_size() const {
    const std::lock_guard lock(mutex_);
    return log_.size();
  }

  // For the verdict, when nobody writes any more.
  const std::vector<Transfer>& log() const { return log_; }
  const std::map<Uuid, Account>& accounts() const { return accounts_; }
  const std::map<std::pair<std::int32_t, std::int64_t>, Batch>& batches() const { return batches_; }
  const std::vector<BalanceAt>& balances(const Uuid& id) const { return balances_.at(id); }

 private:
  void insert(const Account& account) {
    accounts_.emplace(account.id, account);
    balances_[account.id].push_back({log_.size(), account.balance_minor});
  }

  // Time passes: something that is in flight may arrive.
  void tick() {
    if (!in_flight_.empty() && random_() % 4 == 0) settle(random_() % in_flight_.size());
  }
  void settle(std::size_t index) {
    const InFlight arrived = std::move(in_flight_[index]);
    in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(index));
    if (random_() % 4 != 0) std::ignore = apply_now(arrived.plan, arrived.opened);
  }

  StoreResult<void> check(const std::vector<Account>& read, const std::vector<Account>& opened) {
    for (const Account& account : read) {
      const auto found = accounts_.find(account.id);
      const bool is_new = std::ranges::find(opened, account.id, &Account::id) != opened.end();
      if (is_new ? found != accounts_.end()
                 : found == accounts_.end() || found->second.version != account.version)
        return std::unexpected(StoreFailure{StoreFailure::Kind::conflict});
    }
    return {};
  }

  bool knows_a_key_of(const Plan& plan) const {
    return std::ranges::any_of(plan.transfers, [this](const Transfer& t) {
      return t.key && keys_.contains({t.payer, *t.key});
    });
  }
  bool knows_basis_of(const Plan& plan) const {
    return std::ranges::all_of(plan.basis, [this](const BatchRef& ref) {
      const auto found = batches_.find({ref.chain_id, ref.seq});
      return found != batches_.end() && found->second.hash == ref.hash;
    });
  }

  StoreResult<void> apply_now(const Plan& plan, const std::vector<Account>& opened) {
    if (!knows_basis_of(plan)) return std::unexpected(StoreFailure{StoreFailure::Kind::conflict});
    if (auto fresh = check(plan.changed, opened); !fresh) return fresh;
    if (auto fresh = check(plan.relied_on, opened); !fresh) return fresh;
    if (knows_a_key_of(plan))
      return std::unexpected(StoreFailure{StoreFailure::Kind::duplicate_key});
    if (batches_.contains({plan.row.chain_id, plan.row.seq}))
      return std::unexpected(StoreFailure{StoreFailure::Kind::chain_taken});

    for (const Account& account : opened) insert(account);
    for (const Account& account : plan.changed) {
      Account& stored = accounts_.at(account.id);
      const std::int64_t version = stored.version + 1;
      stored = account;
      stored.version = version;
    }
    for (const Transfer& t : plan.transfers) {
      if (t.key) keys_.emplace(KeyOfPayer{t.payer, *t.key}, log_.size());
      log_.push_back(t);
      balances_.at(t.payer).push_back({log_.size(), t.payer_balance_minor});
      balances_.at(t.payee).push_back({log_.size(), t.payee_balance_minor});
    }
    batches_.emplace(std::pair(plan.row.chain_id, plan.row.seq),
                     Batch{plan.row, plan.row.hash(), plan.leaves});
    return {};
  }

  void add_refundable(const RefundKey& key, Known& known) const {
    Refundable refundable;
    for (const Transfer& t : log_) {
      if (t.id == key.transfer_id && t.payee == key.receiver) {
        refundable.original_payer = t.payer;
        refundable.received_minor = t.amount_minor;
        refundable.kind = t.kind;
      }
      if (t.refund_of == key.transfer_id && t.payer == key.receiver)
        refundable.refunded_minor += t.amount_minor;
    }
    if (refundable.received_minor > 0) known.refundables.emplace(key, refundable);
  }

  mutable std::mutex mutex_;
  std::mt19937 random_;
  std::int32_t chains_ = 0;
  std::map<Uuid, Account> accounts_;
  std::map<Uuid, std::vector<BalanceAt>> balances_;
  std::unordered_map<KeyOfPayer, std::size_t, KeyOfPayerHash> keys_;
  std::map<std::pair<std::int32_t, std::int64_t>, Batch> batches_;
  std::vector<Transfer> log_;  // in the order in which they came to be
  std::vector<InFlight> in_flight_;
};

}  // namespace instapay::testing
