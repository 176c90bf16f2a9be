#include "transaction/payee_directory.h"

#include <algorithm>
#include <array>

#include "core/email.h"
#include "core/text.h"
#include "core/time.h"
#include "queries.h"

namespace instapay::transaction {

PayeeDirectory::Name PayeeDirectory::Name::of_id(const Uuid& id) {
  return {id.to_string(), Kind::id};
}

PayeeDirectory::Name PayeeDirectory::Name::of_email(std::string_view typed) {
  const std::string_view text = trim_blanks(typed);
  return {normalize_email(text).value_or(lower_ascii(text)), Kind::email};
}

PayeeDirectory::Name PayeeDirectory::Name::of_username(std::string_view typed) {
  return {lower_ascii(trim_blanks(typed)), Kind::username};
}

PayeeDirectory::Name PayeeDirectory::Name::of_any(std::string_view typed) {
  if (const auto id = Uuid::parse(trim_blanks(typed))) return of_id(*id);
  return typed.contains('@') ? of_email(typed) : of_username(typed);
}

std::optional<Uuid> PayeeDirectory::remembered(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  if (const auto young = young_.find(name); young != young_.end()) return young->second;
  if (const auto old = old_.find(name); old != old_.end()) return old->second;
  return std::nullopt;
}

void PayeeDirectory::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  young_.erase(name);
  old_.erase(name);
}

void PayeeDirectory::forget_old(std::int64_t now_us) {
  const std::lock_guard lock(mutex_);
  const std::int64_t age_us = now_us - begun_us_;
  if (age_us < kGenerationLife_us) return;
  old_ = age_us < 2 * kGenerationLife_us ? std::move(young_) : decltype(old_){};
  young_.clear();
  begun_us_ = now_us;
}

void PayeeDirectory::remember(const std::string& name, const Uuid& id) {
  const std::lock_guard lock(mutex_);
  if (young_.size() >= kGenerationMax) {
    old_ = std::move(young_);
    young_.clear();
    begun_us_ = monotonic_us();
  }
  young_.insert_or_assign(name, id);
}

Task<Result<std::vector<std::optional<Uuid>>>> PayeeDirectory::find(
    const std::vector<Name>& names) {
  forget_old(monotonic_us());
  std::vector<std::optional<Uuid>> found(names.size());
  // What is asked of the database, by kind, and which of the names each is.
  struct Asked {
    std::vector<std::string_view> texts;
    std::vector<std::size_t> places;
  };
  std::array<Asked, 3> asked;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].kind != Kind::username) found[i] = remembered(names[i].text);
    if (found[i]) continue;
    Asked& of_kind = asked.at(static_cast<std::size_t>(names[i].kind));
    of_kind.texts.push_back(names[i].text);
    of_kind.places.push_back(i);
  }
  if (std::ranges::all_of(asked, [](const Asked& a) { return a.texts.empty(); })) co_return found;

  pg::Params params;
  for (const Asked& of_kind : asked) params.add_array(of_kind.texts);
  const auto rows = co_await db_.query(queries::transaction::find_ids, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  for (int row = 0; row < rows->size(); ++row) {
    const auto kind = static_cast<std::size_t>(rows->int64(row, 0));
    const std::size_t i =
        asked.at(kind).places.at(static_cast<std::size_t>(rows->int64(row, 1)) - 1);
    found[i] = rows->uuid(row, 2);
    if (names[i].kind != Kind::username) remember(names[i].text, *found[i]);
  }
  co_return found;
}

Task<Result<std::optional<Uuid>>> PayeeDirectory::find(Name name) {
  const std::vector<Name> one{std::move(name)};
  const auto found = co_await find(one);
  if (!found) co_return fail(found.error());
  co_return found->front();
}

Task<Result<std::optional<Uuid>>> PayeeDirectory::find_anew(Name name) {
  forget(name.text);
  co_return co_await find(std::move(name));
}

}  // namespace instapay::transaction
