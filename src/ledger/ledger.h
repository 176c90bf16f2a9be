#pragma once
// The ledger as handlers see it: hand in orders, get outcomes. Everything that moves money goes
// through submit(). Thread-safe.
#include <memory>
#include <thread>
#include <vector>

#include "async/io_threads.h"
#include "core/money.h"
#include "ledger/commit/committer.h"
#include "pg/connection.h"

namespace instapay::ledger {

struct Options {
  pg::ConnectOptions database;
  Terms terms;
  std::size_t batch_max = 1'000;   // transfers in a batch
  std::size_t queue_max = 20'000;  // transfers waiting
  int committers = 2;
};

class Ledger {
 public:
  Ledger(IoThreads& threads, Options options);
  ~Ledger();

  /// Carries the orders out together (see Submission for what the parts mean) and returns an
  /// outcome for each. Final when it returns: what is accepted is on disk. Call on an I/O thread.
  /// Errors in every outcome: overloaded (queue full, at once), deadline_exceeded,
  /// database_unavailable, storage_low, clock_skew, outcome_unknown, shutting_down.
  Task<Outcomes> submit(SubmissionPtr submission);
  /// `span`: of the request, whose trace gets spans of the wait, the batch and its commit.
  Task<Outcome> submit(Order order, std::optional<RequestKey> key = std::nullopt,
                       trace::Context span = {});

  /// Finishes what is queued, for at most `grace_us`.
  void stop(std::int64_t grace_us);

  std::size_t queue_depth() const { return queue_.depth(); }
  /// False while nothing is written, since our clock and the database's are too far apart.
  bool clock_is_right() const;
  /// Whoever measures the database's storage tells it.
  Room& room() { return room_; }
  /// True while payments are refused (storage_low): answers from keys and control entries go on.
  bool storage_is_low() const { return room_.low(); }

 private:
  void refuse_expired(const std::stop_token& stop);

  Queue queue_;
  AccountBook book_;
  Room room_;
  Notifier notifier_;
  std::vector<std::unique_ptr<Mailbox<Outcomes>>> mailboxes_;
  std::vector<std::unique_ptr<Committer>> committers_;
  std::vector<std::jthread> threads_;
};

/// The error that a refusal is to the client, with the amounts in its words.
Error to_error(const Refusal& refusal, Currency currency);

}  // namespace instapay::ledger
