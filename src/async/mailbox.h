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
  struct Letter {
    CompletionPtr<T> completion;
    T value;
  };

  explicit Mailbox(asio::io_context& io) : io_(io) {}

  void post(std::vector<Letter> letters) {
    if (letters.empty()) return;
    bool wake;
    {
      const std::lock_guard lock(mutex_);
      wake = letters_.empty();
      std::move(letters.begin(), letters.end(), std::back_inserter(letters_));
    }
    if (wake) asio::post(io_, [this] { deliver(); });
  }

 private:
  void deliver() {
    std::vector<Letter> letters;
    {
      const std::lock_guard lock(mutex_);
      letters.swap(letters_);
    }
    for (auto& [completion, value] : letters) completion->complete(std::move(value));
  }

  asio::io_context& io_;
  std::mutex mutex_;
  std::vector<Letter> letters_;
};

}  // namespace instapay
