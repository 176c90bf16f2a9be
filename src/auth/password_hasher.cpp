#include "auth/password_hasher.h"

#include <algorithm>

namespace instapay::auth {

PasswordHasher::PasswordHasher(std::size_t threads, std::size_t queue_max) : queue_max_(queue_max) {
  threads_.reserve(std::max<std::size_t>(threads, 1));
  for (std::size_t i = 0; i < threads_.capacity(); ++i) {
    threads_.emplace_back([this] { work(); });
  }
}

PasswordHasher::~PasswordHasher() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
}

void PasswordHasher::work() {
  for (;;) {
    std::unique_ptr<Task> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      task = std::move(queue_.front());
      queue_.pop_front();
      depth_.store(queue_.size(), std::memory_order_relaxed);
    }
    task->run();
  }
}

}  // namespace instapay::auth
