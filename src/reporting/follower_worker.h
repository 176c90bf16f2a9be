#pragma once
// Follows the chains while a reporting service runs, on a thread and a connection of its own, and
// publishes how far behind what is derived from them is.
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "core/time.h"
#include "reporting/chain_follower.h"

namespace instapay::reporting {

class FollowerWorker {
 public:
  /// `primary`: reads may go elsewhere, what is derived cannot. Begins at once; ends in the
  /// destructor.
  FollowerWorker(const Follower& follower, pg::ConnectOptions primary);

 private:
  void run(const std::stop_token& stop);
  /// Until nothing is left or it should stop.
  pg::Result<void> catch_up(const std::stop_token& stop);
  /// So that entries are found by their times without reading everything that is new.
  pg::Result<void> summarize();
  void note(const Followed& done);
  pg::Result<void> publish();
  void publish_lag(std::int64_t ms) const;
  /// Once a minute.
  void complain(const pg::Failure& failure);

  const Follower& follower_;
  pg::ConnectOptions database_;
  std::optional<pg::Connection> connection_;
  std::int64_t summarized_blocks_ = 0;  // of entries: those before it are done
  std::string problem_;
  std::int64_t complain_at_us_ = 0;
  // As it was last read; while it cannot be, the lag grows with the time.
  std::int64_t lag_ms_ = 0;
  std::int64_t known_at_us_ = monotonic_us();
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace instapay::reporting
