#pragma once
// Work that comes in rounds on an I/O thread, with a pause between them, until it is stopped.
#include <memory>

#include "async/timer.h"

namespace instapay {

/// Held by its coroutine too: whoever began it may be gone before the I/O threads are.
class Rounds : public std::enable_shared_from_this<Rounds> {
 public:
  Rounds(asio::io_context& io, std::chrono::steady_clock::duration pause)
      : timer_(io), pause_(pause) {}
  virtual ~Rounds() = default;
  Rounds(const Rounds&) = delete;
  Rounds& operator=(const Rounds&) = delete;

  void start();
  /// Begins no more rounds. Thread-safe; call before the I/O threads stop.
  void stop();

 protected:
  /// Whether there is more to do at once, without a pause.
  virtual Task<bool> round() = 0;

  // On the thread of the rounds only.
  bool is_stopped() const { return stopped_; }
  Executor executor() { return timer_.get_executor(); }

 private:
  static Task<void> run(std::shared_ptr<Rounds> rounds);

  Timer timer_;
  const std::chrono::steady_clock::duration pause_;
  bool stopped_ = false;
};

}  // namespace instapay
