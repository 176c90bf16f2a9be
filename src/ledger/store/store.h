#pragma once
// What a committer needs of the database. The real one is PgStore; the model test has one that
// fails in every way a database can. Used by one thread.
#include <expected>
#include <optional>
#include <string>

#include "ledger/commit/plan.h"

namespace instapay::ledger {

struct StoreFailure {
  enum class Kind : std::uint8_t {
    conflict,         // another writer was there first; nothing happened
    does_not_follow,  // an entry does not fit the one before it; nothing happened
    duplicate_key,    // an idempotency key is in the database already; nothing happened
    request_changed,  // a request or hold that it refers to is not as it was read; nothing happened
    prelude_refused,  // the prelude violated `constraint`; nothing happened
    unavailable,      // the database cannot or will not do it now; nothing happened
    disk_full,        // the database has no space left; nothing happened
    timed_out,        // the database took too long; nothing happened
    chain_taken,      // (chain, seq) is in the database already; nothing happened
    clock_skew,       // our clock and the database's are too far apart; nothing happened
    lost,             // the connection broke: nobody knows yet
    broken,           // an invariant refused it: a bug; nothing happened
  };
  Kind kind;
  std::string constraint = {};
};

template <class T>
using StoreResult = std::expected<T, StoreFailure>;

/// A key to be looked up, and how many orders its request has.
struct KeyRequest {
  OwnedKey key;
  std::int32_t orders = 1;
};

struct LoadRequest {
  std::vector<AccountId> accounts;  // sorted
  bool lock = false;  // wait for other writers of these accounts, and keep them waiting
  std::vector<KeyRequest> keys;
  std::vector<RefundKey> refunds;
  std::vector<Uuid> requests;  // that are paid
  std::vector<Uuid> holds;     // that are captured or released
  const Prelude* prelude = nullptr;
  Time now;                // accounts are told as of this day (rules.h, knows_day_of)
  bool unverified = true;  // whether it matters which accounts are; otherwise none is said to be

  bool empty() const {
    return accounts.empty() && keys.empty() && refunds.empty() && requests.empty() &&
           holds.empty() && prelude == nullptr;
  }
};

enum class Fence : std::uint8_t {
  voided,       // the batch can never commit: our void mark has its place
  committed,    // it is there
  chain_taken,  // it can never commit: another one's batch has its place
};

/// Only connect() may be called before it has succeeded, or after a `lost`; every call may lose the
/// connection.
class Store {
 public:
  virtual ~Store() = default;

  enum class Connected : std::uint8_t { no, as_before, anew };
  /// (Re)connects when needed. `anew`: this may be another server, which lacks what the last one
  /// had.
  virtual Connected connect() = 0;
  /// A chain for this committer alone. A failure that is `broken`: the ledger is in another
  /// currency.
  virtual StoreResult<std::int32_t> open_chain(std::string_view currency) = 0;
  /// Whether the batch is in the database, hash for hash.
  virtual StoreResult<bool> has_batch(const BatchRef& batch) = 0;
  /// The database's clock, now.
  virtual StoreResult<Time> clock() = 0;

  /// Reads; with a lock or a prelude in a transaction, in place of one that is open, which stays
  /// open when that succeeds.
  virtual StoreResult<Known> load(const LoadRequest& request) = 0;
  /// For a plan whose basis is still in flight: opens a transaction and writes all of the plan. It
  /// stays open when that succeeds; commit() ends it.
  virtual StoreResult<void> write_ahead(const Plan& plan) = 0;
  /// Writes the plan, unless it was written ahead, and commits: in the transaction of load() or
  /// write_ahead() or one of its own.
  virtual StoreResult<void> commit(const Plan& plan) = 0;
  /// For a plan without transfers: whether what its refusals rely on is still so, and what it
  /// replays is as durable as a commit. Ends the transaction.
  virtual StoreResult<void> confirm(const Plan& plan) = 0;

  /// Ends the open transaction, if there is one. When that fails the connection is gone, and what
  /// was open with it.
  virtual StoreResult<void> roll_back() = 0;

  /// Settles a lost commit: puts `void_row` in the place of the batch whose hash is `hash`, unless
  /// that is there; `committed` is as durable as any commit. A StoreFailure means: not settled yet,
  /// ask again.
  virtual StoreResult<Fence> fence(const BatchRow& void_row, const Hash256& hash) = 0;
};

}  // namespace instapay::ledger
