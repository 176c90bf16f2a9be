#pragma once
// The time zones that people may name: the database's own, read once. Thread-safe.
#include <mutex>
#include <set>
#include <string>

#include "async/task.h"
#include "core/error.h"
#include "pg/pool.h"

namespace instapay::pg {

class TimeZones {
 public:
  explicit TimeZones(Pool& db) : db_(db) {}

  /// Whether an IANA name is known, letter by letter.
  Task<instapay::Result<bool>> known(std::string name);

 private:
  Pool& db_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace instapay::pg
