#pragma once
// Turns submissions into committed batches: the group commit of docs/ledger.md. One committer is
// one thread, one store, one chain.
#include <atomic>
#include <memory>

#include "ledger/account_book.h"
#include "ledger/notifier.h"
#include "ledger/queue.h"
#include "ledger/store.h"

namespace instapay::ledger {

class Committer {
 public:
  /// `notifier` may be null: nobody is told.
  Committer(Queue& queue, AccountBook& book, std::unique_ptr<Store> store, Limits limits,
            Notifier* notifier = nullptr);

  /// Works until the queue is closed and empty, or `abandon` has been called.
  void run();
  /// Makes run() return soon even when the database is away: what is not settled by then is
  /// answered outcome_unknown, what has not begun shutting_down. From any thread.
  void abandon() { abandoned_ = true; }

 private:
  bool ready();
  void process(Submissions submissions);
  void process_alone(Submissions& submissions);
  bool attempt(Submissions& submissions);
  bool recover(const StoreFailure& failure, Submissions& submissions);
  bool settle(Plan& plan, Submissions& submissions);
  Known remember(const Submissions& submissions, LoadRequest& unknown);
  void announce(const Plan& plan);
  void take_back();
  bool await_basis(Submissions& submissions);
  Flight::State await(const Flight& flight, Flight::State least, Submissions& submissions);
  void committed(Plan& plan, Submissions& submissions);
  void refuse_expired(Submissions& submissions, Code code);
  void wait_ready(Submissions& submissions);
  void pause();

  Queue& queue_;
  AccountBook& book_;
  std::unique_ptr<Store> store_;
  Limits limits_;
  Notifier* notifier_;
  Position position_{};
  bool chain_open_ = false;
  std::atomic<bool> abandoned_ = false;

  // Of the batch at hand.
  std::shared_ptr<Flight> flight_;
  Flights basis_;  // not known yet to be committed
  int attempts_ = 0;
  bool locked_ = false;        // read every account under lock: an optimistic write failed
  bool look_up_keys_ = false;  // some key is in the database already
  // Writers elsewhere make optimistic writes fail: after each failure twice as many batches read
  // under lock before the next try without.
  int cautious_batches_ = 0, caution_ = 0;
};

}  // namespace instapay::ledger
