#include "transaction/payee_directory.h"

#include "queries.h"

namespace instapay::transaction {
namespace {

Result<std::optional<Uuid>> id_of(const pg::Result<pg::Rows>& rows) {
  if (!rows) return fail(pg::to_error(rows.error()));
  if (rows->empty()) return std::nullopt;
  return rows->uuid(0, 0);
}

}  // namespace

Task<Result<std::optional<Uuid>>> PayeeDirectory::by_email(std::string email) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto young = young_.find(email); young != young_.end()) co_return young->second;
    if (const auto old = old_.find(email); old != old_.end()) co_return old->second;
  }
  auto found =
      id_of(co_await db_.query(queries::transaction::find_id_by_email, pg::Params().add(email)));
  if (found && *found) {
    const std::lock_guard lock(mutex_);
    if (young_.size() >= kGenerationMax) {
      old_ = std::move(young_);
      young_.clear();
    }
    young_.emplace(std::move(email), **found);
  }
  co_return found;
}

Task<Result<std::optional<Uuid>>> PayeeDirectory::by_username(std::string username) {
  co_return id_of(
      co_await db_.query(queries::transaction::find_id_by_username, pg::Params().add(username)));
}

}  // namespace instapay::transaction
