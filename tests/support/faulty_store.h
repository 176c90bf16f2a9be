#pragma once
// A ledger::Store over the Bank that fails as its plan says, in every way a database can.
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "support/bank.h"

namespace instapay::testing {

enum class Fault : std::uint8_t {
  none,
  conflict,         // a deadlock, or a lock that did not come: nothing happened
  does_not_follow,  // reported although it does: nothing happened
  duplicate_key,    // reported although there is none: looking it up must cope
  request_changed,  // reported although it did not: reading it again must cope
  unavailable,      // out of memory, read-only: nothing happened
  broken,           // an invariant refused it: nothing happened
  chain_taken,      // somebody used our place in the chain
  clock_skew,       // the database's clock is another one, for once: nothing happened
  prelude_refused,  // only where there is a prelude
  lost_before,      // the connection broke; it never happened
  lost_after,       // the connection broke; it has happened
  lost_in_flight,   // the connection broke; it may happen later, whenever it likes
  refused,          // the server takes no connections for a while
  kCount,
  went_back,  // failover to a copy that lacks the last writes; only where Bank::keep_copies() was
              // called
};

/// What goes wrong, call after call, in the order in which the calls come; then nothing more.
class FaultPlan {
 public:
  explicit FaultPlan(std::vector<Fault> faults) : faults_(std::move(faults)) {}
  Fault next() {
    const std::size_t at = at_++;
    return at < faults_.size() ? faults_[at] : Fault::none;
  }

 private:
  const std::vector<Fault> faults_;
  std::atomic<std::size_t> at_ = 0;
};

/// Opens a wallet in the transaction of its first entry.
struct OpenWallet final : Prelude {
  explicit OpenWallet(const AccountId& id) : account{.id = id} {}
  Account account;
};

class FaultyStore final : public Store {
 public:
  /// Writing takes `writing` each time, so that batches overlap.
  FaultyStore(Bank& bank, FaultPlan& plan, std::chrono::microseconds writing)
      : bank_(bank), faults_(plan), writing_(writing) {}

  Connected connect() override {
    if (connected_ && generation_ == bank_.generation()) return Connected::as_before;
    forget_transaction();
    generation_ = bank_.generation();
    connected_ = faults_.next() != Fault::refused;
    return connected_ ? Connected::anew : Connected::no;
  }

  StoreResult<std::int32_t> open_chain(std::string_view currency) override {
    if (currency != kCurrency) throw std::logic_error("a chain in another currency");
    if (const auto failed = begin_call()) return std::unexpected(*failed);
    return finish(bank_.next_chain(generation_));
  }

  StoreResult<bool> has_batch(const BatchRef& batch) override {
    if (const auto failed = begin_call()) return std::unexpected(*failed);
    return finish(bank_.has_batch(generation_, batch));
  }

  StoreResult<Time> clock() override {
    require_connection();
    const Fault fault = faults_.next();
    if (fault == Fault::clock_skew) return Time{now_us() + 10 * kSecond_us};
    if (const auto failed = fail(fault)) return std::unexpected(*failed);
    return Time{now_us()};
  }

  StoreResult<Known> load(const LoadRequest& request) override {
    require_connection();
    if (!std::ranges::is_sorted(request.accounts)) throw std::logic_error("locked in any order");
    forget_transaction();
    const Fault fault = faults_.next();
    if (request.prelude != nullptr && fault != Fault::went_back) {
      const Account& account = static_cast<const OpenWallet*>(request.prelude)->account;
      if (fault == Fault::prelude_refused || bank_.exists(account.id))
        return std::unexpected(StoreFailure{StoreFailure::Kind::prelude_refused, "accounts_pkey"});
      opened_.push_back(account);
    }
    if (const auto failed = fail(fault)) return std::unexpected(*failed);
    return finish(bank_.read(generation_, request, opened_));
  }

  StoreResult<void> write_ahead(const Plan& plan) override {
    require_connection();
    if (!opened_.empty()) throw std::logic_error("write_ahead after a prelude");
    take_time();
    if (const auto failed = fail(faults_.next())) return std::unexpected(*failed);
    const auto written = finish(bank_.write_ahead(generation_, plan));
    if (written) written_ahead_ = plan.row.hash();
    return written;
  }

  StoreResult<void> commit(const Plan& plan) override {
    require_connection();
    if (plan.empty()) throw std::logic_error("commit of nothing");
    // What is open is the transaction of this plan, or it was to be rolled back.
    if (written_ahead_ && *written_ahead_ != plan.row.hash())
      throw std::logic_error("commit of another plan than was written ahead");
    take_time();
    const std::vector<Account> opened = std::exchange(opened_, {});
    const Fault fault = faults_.next();
    if (fault == Fault::lost_after) std::ignore = bank_.apply(generation_, plan, opened);
    if (fault == Fault::lost_in_flight) bank_.leave_in_flight(generation_, plan, opened);
    if (const auto failed = fail(fault)) return std::unexpected(*failed);
    forget_transaction();
    return finish(bank_.apply(generation_, plan, opened));
  }

  StoreResult<void> confirm(const Plan& plan) override {
    require_connection();
    forget_transaction();
    if (const auto failed = fail(faults_.next())) return std::unexpected(*failed);
    return finish(bank_.check_heads(generation_, plan));
  }

  StoreResult<void> roll_back() override {
    forget_transaction();
    if (!connected_) return {};
    if (const auto failed = fail(faults_.next())) {
      connected_ = false;
      return std::unexpected(*failed);
    }
    return {};
  }

  StoreResult<Fence> fence(const BatchRow& void_row, const Hash256& hash) override {
    require_connection();
    const Fault fault = faults_.next();
    if (fault == Fault::lost_after || fault == Fault::lost_in_flight)
      std::ignore = bank_.fence(generation_, void_row, hash);
    if (const auto failed = fail(fault)) return std::unexpected(*failed);
    return finish(bank_.fence(generation_, void_row, hash));
  }

 private:
  void take_time() const {
    if (writing_.count() > 0) std::this_thread::sleep_for(writing_);
  }
  void forget_transaction() {
    opened_.clear();
    written_ahead_.reset();
  }

  // Store's contract: calls come only while connect() says so.
  void require_connection() const {
    if (!connected_) throw std::logic_error("store used without a connection");
  }
  std::optional<StoreFailure> begin_call() {
    require_connection();
    return fail(faults_.next());
  }
  // Who was connected to what there is no more learns it now.
  template <class T>
  StoreResult<T> finish(StoreResult<T> result) {
    if (!result && result.error().kind == StoreFailure::Kind::lost) {
      connected_ = false;
      forget_transaction();
    }
    return result;
  }

  std::optional<StoreFailure> fail(Fault fault) {
    using Kind = StoreFailure::Kind;
    if (fault == Fault::none || fault == Fault::prelude_refused) return std::nullopt;
    forget_transaction();
    switch (fault) {
      case Fault::conflict:
        return StoreFailure{Kind::conflict};
      case Fault::does_not_follow:
        return StoreFailure{Kind::does_not_follow};
      case Fault::duplicate_key:
        return StoreFailure{Kind::duplicate_key};
      case Fault::request_changed:
        return StoreFailure{Kind::request_changed};
      case Fault::unavailable:
        return StoreFailure{Kind::unavailable};
      case Fault::broken:
        return StoreFailure{Kind::broken};
      case Fault::chain_taken:
        return StoreFailure{Kind::chain_taken};
      case Fault::clock_skew:
        return StoreFailure{Kind::clock_skew};
      case Fault::went_back:
        bank_.go_back();
        [[fallthrough]];
      default:
        connected_ = false;
        return StoreFailure{Kind::lost};
    }
  }

  Bank& bank_;
  FaultPlan& faults_;
  std::chrono::microseconds writing_;
  bool connected_ = false;
  int generation_ = 0;                    // of the bank, when connected
  std::vector<Account> opened_;           // by the prelude of the open transaction
  std::optional<Hash256> written_ahead_;  // the batch whose entries the open transaction has
};

}  // namespace instapay::testing
