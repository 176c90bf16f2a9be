#include "pg/time_zones.h"

#include "queries.h"

namespace instapay::pg {

Task<instapay::Result<bool>> TimeZones::known(std::string name) {
  if (name == "UTC") co_return true;
  {
    const std::lock_guard lock(mutex_);
    if (!names_.empty()) co_return names_.contains(name);
  }
  const auto rows = co_await db_.query(queries::operations::list_time_zones);
  if (!rows) co_return fail(to_error(rows.error()));
  std::set<std::string, std::less<>> names;
  for (int i = 0; i < rows->size(); ++i) names.emplace(rows->text(i, 0));
  const bool found = names.contains(name);
  const std::lock_guard lock(mutex_);
  names_ = std::move(names);
  co_return found;
}

}  // namespace instapay::pg
