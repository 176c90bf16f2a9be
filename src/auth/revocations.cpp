#include "auth/revocations.h"

#include <mutex>

namespace instapay::auth {

Revocations::Verdict Revocations::check(const Claims& claims) const {
  if (size_.load(std::memory_order_acquire) == 0) return Verdict::good;
  const std::shared_lock lock(mutex_);
  if (known_.contains(claims.session_id)) return Verdict::session_ended;
  if (claims.machine)
    return known_.contains(claims.machine->id) ? Verdict::session_ended : Verdict::good;
  const auto user = known_.find(claims.subject);
  if (user != known_.end() &&
      (user->second.role != claims.role || user->second.factors_version > claims.factors.version))
    return Verdict::user_changed;
  return Verdict::good;
}

void Revocations::add(std::span<const Revocation> revocations, std::int64_t now_us) {
  const std::unique_lock lock(mutex_);
  for (const auto& [id, role, version] : revocations) {
    const auto [entry, is_new] = known_.try_emplace(id);
    if (!is_new && entry->second.role == role && entry->second.factors_version == version) continue;
    entry->second = {.since_us = now_us, .role = role, .factors_version = version};
    by_age_.push_back({now_us, id});
  }
  forget_old(now_us);
  size_.store(known_.size(), std::memory_order_release);
}

void Revocations::forget_old(std::int64_t now_us) {
  while (!by_age_.empty() &&
         (by_age_.front().at_us < now_us - keep_us_ || by_age_.size() > entries_max_)) {
    const Added oldest = by_age_.front();
    by_age_.pop_front();
    // Who changed twice has a younger record, too.
    const auto entry = known_.find(oldest.id);
    if (entry != known_.end() && entry->second.since_us == oldest.at_us) known_.erase(entry);
  }
}

}  // namespace instapay::auth
