#pragma once
// Where reports are read: on a standby while one is fresh enough, else on the primary. What is only
// shown may be a little old, as long as the answer says so; who may see it is never asked here.
#include <limits>
#include <memory>

#include "async/rounds.h"
#include "pg/pool.h"

namespace instapay::reporting {

class Reads {
 public:
  /// `standbys` may be null: there are none.
  Reads(pg::Pool& primary, pg::StandbyPool* standbys) : primary_(primary), standbys_(standbys) {}

  /// Tells the standbys the primary's clock, every second, on `io` until stop().
  void start(asio::io_context& io);
  /// Thread-safe. Call before the I/O threads stop.
  void stop();

 private:
  friend class Reading;

  pg::Pool& primary_;
  pg::StandbyPool* standbys_;
  std::shared_ptr<Rounds> rounds_;
};

/// The statements of one answer, all read in the same place: figures that belong together are not
/// taken half from a standby and half from the primary, unless the standby fails in between.
class Reading {
 public:
  explicit Reading(const Reads& reads) : reads_(reads), on_standby_(reads.standbys_ != nullptr) {}

  /// Like Pool::query.
  Task<pg::Result<pg::Rows>> query(pg::Statement statement, pg::Params params = {});

  /// Everything that was acknowledged by then is in what was read.
  std::int64_t as_of_us() const { return as_of_us_; }

 private:
  const Reads& reads_;
  bool on_standby_;
  std::int64_t as_of_us_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace instapay::reporting
