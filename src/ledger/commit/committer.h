#pragma once
// One committer: one thread, one store, one chain. Takes batches from the queue and carries each
// out (batch_run.h).
#include <atomic>
#include <memory>

#include "ledger/commit/account_book.h"
#include "ledger/commit/notifier.h"
#include "ledger/commit/queue.h"
#include "ledger/commit/room.h"
#include "ledger/store/store.h"

namespace instapay::ledger {

/// Writers elsewhere make optimistic writes fail. After each failure twice as many batches read
/// under lock before the next try without.
class Caution {
 public:
  /// Whether this batch is to read under lock.
  bool next() { return batches_ > 0 && batches_-- > 0; }
  void conflicted();
  void succeeded_without() { level_ = 0; }

 private:
  int batches_ = 0, level_ = 0;
};

class Committer {
 public:
  /// `notifier` may be null: nobody is told.
  Committer(Queue& queue, AccountBook& book, Room& room, std::unique_ptr<Store> store, Terms terms,
            Notifier* notifier = nullptr);

  /// Works until the queue is closed and empty, or `abandon` has been called.
  void run();
  /// Makes run() return soon even when the database is away: what is not settled by then is
  /// answered outcome_unknown, what has not begun shutting_down. From any thread.
  void abandon() { abandoned_ = true; }
  /// Whether our clock and the database's were close enough when last compared. From any thread.
  bool clock_is_right() const { return clock_is_right_; }

 private:
  friend class BatchRun;
  bool ready();
  bool reconnect();
  bool check_chain();
  bool check_clock();
  void pause();

  Queue& queue_;
  AccountBook& book_;
  Room& room_;
  std::unique_ptr<Store> store_;
  Terms terms_;
  Notifier* notifier_;
  Caution caution_;
  Position position_{};
  bool chain_open_ = false;
  bool chain_checked_ = false;  // on this connection
  std::int64_t clock_due_us_ = 0;
  std::atomic<bool> abandoned_ = false, clock_is_right_ = true;
};

}  // namespace instapay::ledger
