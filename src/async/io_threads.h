#pragma once
// The I/O threads: one io_context each, never blocked. Everything a connection touches lives on
// the thread that owns it, so nothing on a request's path needs a lock.
#include <memory>
#include <thread>
#include <vector>

#include "async/task.h"

namespace instapay {

class IoThreads {
 public:
  explicit IoThreads(int count);
  ~IoThreads();

  void start();
  /// Lets the threads return once their work is done or at the latest when stop() is called.
  void stop();

  std::size_t size() const { return contexts_.size(); }
  asio::io_context& at(std::size_t i) { return *contexts_[i]; }

  /// Which I/O thread the caller is on; 0 on any other thread.
  static std::size_t current();

 private:
  using WorkGuard = asio::executor_work_guard<Executor>;
  std::vector<std::unique_ptr<asio::io_context>> contexts_;
  std::vector<WorkGuard> guards_;
  std::vector<std::jthread> threads_;
};

}  // namespace instapay
