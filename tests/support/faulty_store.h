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
  duplicate_key,    // reported although there is none: looking it up must cope
  unavailable,      // out of memory, read-only: nothing happened
  broken,           // an invariant refused it: nothing happened
  chain_taken,      // somebody used our place in the chain
  prelude_refused,  // only where there is a prelude
  lost_before,      // the connection broke; it never happened
  lost_after,       // the connection broke; it has happened
  lost_in_flight,   // the connection broke; it may happen later, whenever it likes
  refused,          // the server takes no connections for a while
  kCount
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

class FaultyStore final : public Store {
 public:
  /// Writing takes `writing` each time, so that batches overlap.
  FaultyStore(Bank& bank, FaultPlan& plan, std::chrono::microseconds writing)
      : bank_(bank), faults_(plan), writing_(writing) {}

  bool connect() override {
    if (connected_) return true;
    connected_ = faults_.next() != Fault::refused;
    return connected_;
  }

  StoreResult<std::int32_t> open_chain() override {
    require_connection();
    if (const auto failed = fail(faults_.next())) return std::unexpected(*failed);
    return bank_.next_chain();
  }

  StoreResult<Known> load(const LoadRequest& request) override {
    require_connection();
    opened_.clear();
    written_ahead_.reset();
    const Fault fault = faults_.next();
    if (request.prelude != nullptr) {
      const Account account = opened_by(*request.prelude);
      if (fault == Fault::prelude_refused || bank_.exists(account.id))
        return std::unexpected(StoreFailure{StoreFailure::Kind::prelude_refused, "accounts_pkey"});
      opened_.push_back(account);
    }
    if (const auto failed = fail(fault)) {
      opened_.clear();
      return std::unexpected(*failed);
    }
    return bank_.read(request, opened_);
  }

  StoreResult<void> write_ahead(const Plan& plan) override {
    require_connection();
    if (!opened_.empty()) throw std::logic_error("write_ahead after a prelude");
    take_time();
    const Fault fault = faults_.next();
    if (fault == Fault::duplicate_key)
      return std::unexpected(StoreFailure{StoreFailure::Kind::duplicate_key});
    if (const auto failed = fail(fault)) return std::unexpected(*failed);
    if (bank_.has_a_key_of(plan))
      return std::unexpected(StoreFailure{StoreFailure::Kind::duplicate_key});
    written_ahead_ = plan.row.hash();
    return {};
  }

  StoreResult<void> commit(const Plan& plan) override {
    require_connection();
    // What is open is the transaction of this plan, or it was to be rolled back.
    if (const auto ahead = std::exchange(written_ahead_, std::nullopt);
        ahead && *ahead != plan.row.hash())
      throw std::logic_error("commit of another plan than was written ahead");
    take_time();
    const std::vector<Account> opened = std::exchange(opened_, {});
    const Fault fault = faults_.next();
    if (fault == Fault::lost_after) {
      connected_ = false;
      std::ignore = bank_.apply(plan, opened);
      return std::unexpected(StoreFailure{StoreFailure::Kind::lost});
    }
    if (fault == Fault::lost_in_flight) {
      connected_ = false;
      bank_.leave_in_flight(plan, opened);
      return std::unexpected(StoreFailure{StoreFailure::Kind::lost});
    }
    if (fault == Fault::duplicate_key)
      return std::unexpected(StoreFailure{StoreFailure::Kind::duplicate_key});
    if (const auto failed = fail(fault)) return std::unexpected(*failed);
    return bank_.apply(plan, opened);
  }

  StoreResult<void> confirm(const Plan& plan) override {
    require_connection();
    opened_.clear();
    written_ahead_.reset();
    if (const auto failed = fail(faults_.next())) return std::unexpected(*failed);
    if (!bank_.has_basis_of(plan))
      return std::unexpected(StoreFailure{StoreFailure::Kind::conflict});
    return bank_.check_versions(plan.relied_on);
  }

  StoreResult<void> roll_back() override {
    opened_.clear();
    written_ahead_.reset();
    if (!connected_) return {};
    const Fault fault = faults_.next();
    if (const auto failed = fail(fault)) {
      connected_ = false;
      return std::unexpected(*failed);
    }
    return {};
  }

  StoreResult<Fence> fence(const BatchRow& void_row, const Hash256& hash) override {
    if (!connect()) return std::unexpected(StoreFailure{StoreFailure::Kind::lost});
    const Fault fault = faults_.next();
    if (fault == Fault::lost_after || fault == Fault::lost_in_flight) {
      connected_ = false;
      std::ignore = bank_.fence(void_row, hash);
      return std::unexpected(StoreFailure{StoreFailure::Kind::lost});
    }
    if (const auto failed = fail(fault)) return std::unexpected(*failed);
    return bank_.fence(void_row, hash);
  }

  /// A prelude that opens the wallet whose id it carries as text.
  static Account opened_by(const pg::Connection::Step& prelude) {
    Account account;
    account.id = Uuid::parse(prelude.statement.name).value();
    return account;
  }

 private:
  void take_time() const {
    if (writing_.count() > 0) std::this_thread::sleep_for(writing_);
  }

  // Store's contract: calls come only while connect() says so.
  void require_connection() const {
    if (!connected_) throw std::logic_error("store used without a connection");
  }

  std::optional<StoreFailure> fail(Fault fault) {
    using Kind = StoreFailure::Kind;
    switch (fault) {
      case Fault::conflict:
        return StoreFailure{Kind::conflict};
      case Fault::unavailable:
        return StoreFailure{Kind::unavailable};
      case Fault::broken:
        return StoreFailure{Kind::broken};
      case Fault::chain_taken:
        return StoreFailure{Kind::chain_taken};
      case Fault::lost_before:
      case Fault::lost_after:
      case Fault::lost_in_flight:
      case Fault::refused:
        connected_ = false;
        written_ahead_.reset();
        return StoreFailure{Kind::lost};
      default:
        return std::nullopt;
    }
  }

  Bank& bank_;
  FaultPlan& faults_;
  std::chrono::microseconds writing_;
  bool connected_ = false;
  std::vector<Account> opened_;           // by the prelude of the open transaction
  std::optional<Hash256> written_ahead_;  // the batch whose entries the open transaction has
};

}  // namespace instapay::testing
