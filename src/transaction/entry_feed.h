#pragma once
// Tells open streams when an account of theirs has something new, whichever process wrote it. Of
// entries committers NOTIFY once a batch, and one connection here LISTENs; a wake-up is only a
// hint: the stream reads the entries themselves, so a lost one costs a moment, never an entry. What
// happens to payment requests is rarer, and stands in a log that this connection reads for all
// streams.
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "async/io_threads.h"
#include "async/timer.h"
#include "ledger/commit/notification.h"
#include "pg/connection.h"

namespace instapay::transaction {

class EntryFeed {
 public:
  class Subscription;

 private:
  // The subscriptions of one I/O thread, touched by it alone.
  using Lane = std::multimap<ledger::AccountTag, Subscription*>;
  struct Streams {
    std::vector<Lane> lanes;
    std::atomic<std::size_t> open = 0;
  };

 public:
  EntryFeed(IoThreads& threads, pg::ConnectOptions options);
  ~EntryFeed();

  /// One open stream, on the I/O thread that makes it. Not thread-safe.
  class Subscription {
   public:
    Subscription(EntryFeed& feed, const Uuid& account);
    ~Subscription();
    Subscription(const Subscription&) = delete;

    /// Until the account may have something new, or `timeout`.
    Task<void> wait(std::chrono::milliseconds timeout);
    /// Whether something happened to requests of the account since the last call, or may have.
    bool take_requests() { return std::exchange(requests_, false); }

   private:
    friend class EntryFeed;
    // A stream that is cut off at shutdown goes with its I/O thread, after the feed.
    std::shared_ptr<Streams> streams_;
    std::size_t lane_;
    Lane::iterator place_;
    Timer timer_;
    bool woken_ = false;
    bool requests_ = true;
  };

  /// Streams open in this process. Thread-safe.
  std::size_t open() const { return streams_->open; }

 private:
  void listen(const std::stop_token& stop);
  void wake(const ledger::Notification& notification, bool requests);
  // False when the connection is of no more use.
  bool look_for_requests(pg::Connection& connection);

  IoThreads& threads_;
  pg::ConnectOptions options_;
  std::shared_ptr<Streams> streams_;
  // The transaction up to which the log of requests was read; nullopt: nobody followed it.
  std::optional<std::int64_t> requests_read_;
  std::jthread listener_;
};

}  // namespace instapay::transaction
