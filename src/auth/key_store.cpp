#include "auth/key_store.h"

#include <utility>

namespace instapay::auth {

std::shared_ptr<const KeySet> KeyStore::keys() const {
  const std::scoped_lock lock(mutex_);
  return keys_;
}

void KeyStore::replace(KeySet keys) {
  const std::scoped_lock lock(mutex_);
  wanted_ = false;
  if (keys_ != nullptr && *keys_ == keys) return;
  keys_ = std::make_shared<const KeySet>(std::move(keys));
  generation_.fetch_add(1, std::memory_order_release);
}

void KeyStore::want_newer() {
  const std::scoped_lock lock(mutex_);
  wanted_ = true;
}

bool KeyStore::begin_fetch(std::int64_t now_us) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t gap_us = keys_->size() == 0 ? kJwksRetry_us
                              : wanted_          ? kJwksFetchGapMin_us
                                                 : kJwksRefresh_us;
  if (ever_fetched_ && now_us - last_fetch_us_ < gap_us) return false;
  ever_fetched_ = true;
  last_fetch_us_ = now_us;
  return true;
}

}  // namespace instapay::auth
