#pragma once
// What a committer needs of the database. The real one is PgStore; the model test has one that
// fails in every way a database can. Used by one thread.
#include <expected>
#include <optional>
#include <string>

#include "ledger/batch.h"

namespace instapay::ledger {

struct StoreFailure {
  enum class Kind : std::uint8_t {
    conflict,         // another writer was there first (IP001, 40001, 40P01); nothing happened
    duplicate_key,    // an idempotency key is in the database already; nothing happened
    prelude_refused,  // the prelude violated `constraint`; nothing happened
    unavailable,      // the database cannot or will not do it now; nothing happened
    chain_taken,      // (chain, seq) is in the database already; nothing happened
    lost,             // the connection broke: nobody knows yet
    broken,           // an invariant refused it: a bug; nothing happened
  };
  Kind kind;
  std::string constraint = {};
};

template <class T>
using StoreResult = std::expected<T, StoreFailure>;

struct LoadRequest {
  std::vector<Uuid> accounts;    // to be read and locked, sorted
  std::vector<KeyOfPayer> keys;  // to be looked up
  std::vector<RefundKey> refunds;
  const pg::Connection::Step* prelude = nullptr;

  bool empty() const {
    return accounts.empty() && keys.empty() && refunds.empty() && prelude == nullptr;
  }
};

enum class Fence : std::uint8_t { voided, committed };

/// Only connect() and fence() may be called before connect() has returned true, or after a
/// `lost`; every call may lose the connection.
class Store {
 public:
  virtual ~Store() = default;

  /// (Re)connects when needed.
  virtual bool connect() = 0;
  /// A chain for this committer alone.
  virtual StoreResult<std::int32_t> open_chain() = 0;

  /// Opens a transaction, in place of one that is open, runs the prelude and reads; it stays open
  /// when that succeeds.
  virtual StoreResult<Known> load(const LoadRequest& request) = 0;
  /// The first half of commit(), for a plan whose basis is still in flight: opens a transaction and
  /// writes what locks no account (who else writes one of its keys does wait). It stays open when
  /// that succeeds.
  virtual StoreResult<void> write_ahead(const Plan& plan) = 0;
  /// Writes the plan and commits, in the transaction of load() or write_ahead() or one of its own.
  /// A conflict when its basis is not in the database.
  virtual StoreResult<void> commit(const Plan& plan) = 0;
  /// For a plan without transfers: whether its basis is there, and what its refusals rely on is
  /// still so. Ends the transaction.
  virtual StoreResult<void> confirm(const Plan& plan) = 0;

  /// Ends the open transaction, if there is one. When that fails the connection is gone, and what
  /// was open with it.
  virtual StoreResult<void> roll_back() = 0;

  /// Settles a lost commit: puts `void_row` in the place of the batch whose hash is `hash`. After
  /// `voided` that batch can never commit. A StoreFailure means: not settled yet, ask again.
  virtual StoreResult<Fence> fence(const BatchRow& void_row, const Hash256& hash) = 0;
};

}  // namespace instapay::ledger
