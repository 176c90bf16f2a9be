#pragma once
// Tells open streams when an account of theirs has new entries, whichever process committed them:
// committers NOTIFY once a batch, one connection here LISTENs. A wake-up is only a hint: the stream
// reads the entries themselves, so a lost one costs a moment, never an entry.
#include <atomic>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "async/io_threads.h"
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

   private:
    friend class EntryFeed;
    using Timer =
        asio::basic_waitable_timer<std::chrono::steady_clock,
                                   asio::wait_traits<std::chrono::steady_clock>, Executor>;
    // A stream that is cut off at shutdown goes with its I/O thread, after the feed.
    std::shared_ptr<Streams> streams_;
    std::size_t lane_;
    Lane::iterator place_;
    Timer timer_;
    bool woken_ = false;
  };

  /// Streams open in this process. Thread-safe.
  std::size_t open() const { return streams_->open; }

 private:
  void listen(const std::stop_token& stop);
  void wake(const ledger::Notification& notification);

  IoThreads& threads_;
  pg::ConnectOptions options_;
  std::shared_ptr<Streams> streams_;
  std::jthread listener_;
};

}  // namespace instapay::transaction
