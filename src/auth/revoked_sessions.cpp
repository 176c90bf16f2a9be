#include "auth/revoked_sessions.h"

namespace instapay::auth {

bool RevokedSessions::contains(const Uuid& session_id) const {
  if (size_.load(std::memory_order_acquire) == 0) return false;
  const std::shared_lock lock(mutex_);
  return sessions_.contains(session_id);
}

void RevokedSessions::add(std::span<const Uuid> session_ids, std::int64_t now_us) {
  const std::unique_lock lock(mutex_);
  for (const Uuid& id : session_ids) {
    if (sessions_.insert(id).second) by_age_.push_back({now_us, id});
  }
  while (!by_age_.empty() &&
         (by_age_.front().at_us < now_us - keep_us_ || by_age_.size() > sessions_max_)) {
    sessions_.erase(by_age_.front().session_id);
    by_age_.pop_front();
  }
  size_.store(sessions_.size(), std::memory_order_release);
}

}  // namespace instapay::auth
