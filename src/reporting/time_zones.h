#pragma once
// The time zones that reports may be asked in: the database's own, read once. Thread-safe.
#include <mutex>
#include <set>
#include <string>

#include "async/task.h"
#include "core/error.h"
#include "pg/pool.h"

namespace instapay::reporting {

class TimeZones {
 public:
  explicit TimeZones(pg::Pool& db) : db_(db) {}

  /// Whether an IANA name is known, letter by letter.
  Task<Result<bool>> known(std::string name);

 private:
  pg::Pool& db_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace instapay::reporting
