#include "transaction/payee_directory.h"

#include "queries.h"

namespace instapay::transaction {

std::optional<Uuid> PayeeDirectory::remembered(const std::string& email) const {
  const std::lock_guard lock(mutex_);
  if (const auto young = young_.find(email); young != young_.end()) return young->second;
  if (const auto old = old_.find(email); old != old_.end()) return old->second;
  return std::nullopt;
}

void PayeeDirectory::forget(const std::string& email) {
  const std::lock_guard lock(mutex_);
  young_.erase(email);
  old_.erase(email);
}

void PayeeDirectory::remember(const std::string& email, const Uuid& id) {
  const std::lock_guard lock(mutex_);
  if (young_.size() >= kGenerationMax) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.emplace(email, id);
}

Task<Result<std::vector<std::optional<Uuid>>>> PayeeDirectory::find(
    const std::vector<Name>& names) {
  std::vector<std::optional<Uuid>> found(names.size());
  std::vector<std::string_view> emails, usernames;
  std::vector<std::size_t> at_email, at_username;  // which names these are
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].is_email) found[i] = remembered(names[i].text);
    if (found[i]) continue;
    (names[i].is_email ? emails : usernames).push_back(names[i].text);
    (names[i].is_email ? at_email : at_username).push_back(i);
  }
  if (emails.empty() && usernames.empty()) co_return found;

  const auto rows = co_await db_.query(queries::transaction::find_ids,
                                       pg::Params().add_array(emails).add_array(usernames));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  for (int row = 0; row < rows->size(); ++row) {
    const auto place = static_cast<std::size_t>(rows->int64(row, 1)) - 1;
    const bool is_email = rows->boolean(row, 0);
    const std::size_t i = (is_email ? at_email : at_username).at(place);
    found[i] = rows->uuid(row, 2);
    if (is_email) remember(names[i].text, *found[i]);
  }
  co_return found;
}

Task<Result<std::optional<Uuid>>> PayeeDirectory::find(Name name) {
  const std::vector<Name> one{std::move(name)};
  const auto found = co_await find(one);
  if (!found) co_return fail(found.error());
  co_return found->front();
}

}  // namespace instapay::transaction
