#pragma once
// What is derived from the ledger's batches: each batch is taken once, in the order of its chain,
// in the transaction that moves the chain's place on. Any number of processes may try at once; one
// does it. Needs the primary. (docs/decisions/0020, 0021)
#include <memory>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace instapay::reporting {

/// One transaction takes up to so many transfers, or one batch.
inline constexpr std::int64_t kFollowTransfersMax = 10'000;
/// Of pushes, whose making locks the browsers of who is told: signing out and freezing wait for it.
inline constexpr std::int64_t kPushTransfersMax = 500;
/// What is read at once are batches of one chain, so many of them and so far apart at most: entries
/// are found by their time.
inline constexpr std::int32_t kFollowBatchesMax = 10'000;
inline constexpr std::int32_t kFollowSpan_s = 600;
/// Where chains are idle most of the time a transaction has done enough after so many.
inline constexpr int kFollowRangesMax = 100;
inline constexpr int kFollowTimeout_ms = 60'000;

/// Batches of a chain: those after `after`, up to `last`.
struct BatchRange {
  std::int32_t chain = 0;
  std::int64_t after = 0, last = 0;
  std::int64_t transfers = 0;
};

/// What a follower makes of batches, within one transaction.
class Derivation {
 public:
  virtual ~Derivation() = default;

  /// How many of the range's transfers there are. Unless those are all, nothing was taken.
  virtual pg::Result<std::int64_t> take(const BatchRange& range) = 0;
  /// Moves the chain's place over what was taken last; false when it is not where it was read.
  virtual pg::Result<bool> move(const BatchRange& range) = 0;
  /// After the last range, before the commit.
  virtual pg::Result<void> write() = 0;
};

/// What two statements do in the database alone, each with chain, first and last: `take` answers
/// how many transfers it found, `move` changes the row of the chain's place. Statements of their
/// own, they see what ended before the lock was ours.
class StatementDerivation : public Derivation {
 public:
  StatementDerivation(pg::Connection& connection, pg::Statement take, pg::Statement move)
      : connection_(connection), take_(take), move_(move) {}

  pg::Result<std::int64_t> take(const BatchRange& range) override;
  pg::Result<bool> move(const BatchRange& range) override;
  pg::Result<void> write() override { return {}; }

 private:
  pg::Connection& connection_;
  pg::Statement take_, move_;
};

struct Follower {
  std::int32_t number;      // in chain_places, and of its lock
  const char* name;         // of its thread, and in logs
  const char* application;  // its connection, in pg_stat_activity
  const char* lag_metric;
  const char* lag_help;
  const char* transfers_metric;
  const char* transfers_help;
  std::unique_ptr<Derivation> (*derive)(pg::Connection& connection);
  /// Empties what was made, and sets all places to the beginning.
  std::vector<pg::Statement> forget;
  std::int64_t transfers_max = kFollowTransfersMax;  // of a transaction
};

const Follower& roll_ups();
const Follower& search_index();
const Follower& payment_notices();
const Follower& payment_pushes();

struct Followed {
  enum class Outcome : std::uint8_t { moved, nothing_new, somebody_else, began_anew };
  Outcome outcome = Outcome::nothing_new;
  std::int64_t transfers = 0, batches = 0;
  bool is_more = false;      // it ended at a limit
  std::string problem = {};  // of a chain that cannot be followed further; the others were
};

/// One transaction. On a failure nothing has happened. What was made of batches that are not there
/// (a book from before a restore) is emptied first.
pg::Result<Followed> follow(pg::Connection& connection, const Follower& follower);

/// Empties what the follower has made, so that it begins anew; waits for who is at it. For the
/// owner.
pg::Result<void> begin_anew(pg::Connection& connection, const Follower& follower);

}  // namespace instapay::reporting
