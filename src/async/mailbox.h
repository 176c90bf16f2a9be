#pragma once
// Carries completions from other threads to an I/O thread: a whole batch costs one wake-up.
#include <boost/asio/post.hpp>
#include <mutex>
#include <utility>
#include <vector>

#include "async/task.h"

namespace instapay {

/// Thread-safe. Must outlive every poster; values still inside when the io_context ends are
/// dropped.
template <class T>
class Mailbox {
 public:
  struct Delivery {
    CompletionPtr<T> completion;
    T value;
  };

  explicit Mailbox(asio::io_context& io) : io_(io) {}

  void post(std::vector<Delivery> deliveries) {
    if (deliveries.empty()) return;
    bool wake;
    {
      const std::lock_guard lock(mutex_);
      wake = pending_.empty();
      std::move(deliveries.begin(), deliveries.end(), std::back_inserter(pending_));
    }
    if (wake) asio::post(io_, [this] { deliver(); });
  }

 private:
  void deliver() {
    std::vector<Delivery> deliveries;
    {
      const std::lock_guard lock(mutex_);
      deliveries.swap(pending_);
    }
    for (auto& [completion, value] : deliveries) completion->complete(std::move(value));
  }

  asio::io_context& io_;
  std::mutex mutex_;
  std::vector<Delivery> pending_;
};

}  // namespace instapay
