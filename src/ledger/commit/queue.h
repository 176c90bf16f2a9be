#pragma once
// Submissions on their way to the committers. Bounded by transfers; thread-safe. What shares an
// account with a batch in flight waits for the next one, and keeps its place: nothing that came
// later overtakes it on one of its accounts, so that a submission of many accounts is not passed
// over for ever. Only when a full batch waits, which would not grow by waiting, does one begin
// before its accounts are free: to be planned on what the batches in flight will leave behind.
#include <condition_variable>
#include <deque>
#include <mutex>

#include "ledger/commit/flight.h"
#include "ledger/commit/submission.h"

namespace instapay::ledger {

class Queue {
 public:
  /// `max_transfers` may wait; a batch takes at most `max_batch` (but always one submission).
  Queue(std::size_t max_transfers, std::size_t max_batch)
      : max_transfers_(max_transfers), max_batch_(max_batch) {}

  /// False when full or closed: the submission stays with the caller.
  bool push(SubmissionPtr& submission);

  struct Batch {
    Submissions submissions;
    std::vector<AccountId> accounts;  // unique; held until release()
    std::shared_ptr<Flight> flight;   // this batch, for those that are planned on it
    Flights basis;                    // what this one is to be planned on; mostly nothing
  };
  /// Waits up to `wait_us` for something that may start; empty when there is nothing.
  Batch take(std::int64_t wait_us);
  void release(const Batch& batch);

  /// Whether as much waits as fits into a batch: a flight that is planned now would be of use.
  bool has_full_batch() const;
  /// A flight was planned: a full batch need not wait any more.
  void planned();

  /// Removes what is past its deadline, e.g. while the database is away.
  Submissions take_expired(std::int64_t now_us);

  /// No more pushes; takes go on until it is empty.
  void close();
  bool closed() const;
  /// Transfers waiting.
  std::size_t depth() const;
  bool drained() const;

 private:
  using Holds =
      boost::unordered_flat_map<AccountId, int, std::hash<AccountId>>;  // by how many batches
  /// How much of what is blocked a batch may look past, so that a long queue costs no more to scan.
  std::size_t scan_max() const { return 2 * max_batch_; }
  void collect(Batch& batch);
  void collect_ahead(Batch& batch);
  bool may_plan_ahead() const;
  void take_out(SubmissionPtr& submission, Batch& batch, std::size_t& weight);
  void hold(Batch& batch);
  void look_again();

  const std::size_t max_transfers_, max_batch_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<SubmissionPtr> waiting_;
  std::size_t depth_ = 0;
  Flights in_flight_;
  Holds held_;
  // The first `blocked_` that wait are known to be blocked, by `held_` or by one another, until
  // the next release: nobody looks at them twice.
  std::size_t blocked_ = 0, blocked_weight_ = 0;
  AccountIds reserved_;  // their accounts
  bool closed_ = false;
};

}  // namespace instapay::ledger
