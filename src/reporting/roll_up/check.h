#pragma once
// Holds the roll-ups against the entries that they were made of, all of them, in one snapshot: a
// day at a time, so that memory is bounded by what a day's buckets need.
#include <functional>
#include <string>

#include "pg/connection.h"

namespace instapay::reporting {

struct RollUpCheck {
  std::string difference;  // the first one; empty when there is none
  std::int64_t transfers = 0, buckets = 0;
};

/// `progress(transfers, expected)`. Failure: the database could not be read.
pg::Result<RollUpCheck> check_roll_ups(
    pg::Connection& connection, const std::function<void(std::int64_t, std::int64_t)>& progress);

}  // namespace instapay::reporting
