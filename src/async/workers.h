#pragma once
// One thread for work that would hold up an I/O thread.
#include <atomic>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>

#include "async/task.h"

namespace instapay {

/// Thread-safe. `cost` is of any unit: jobs that wait or run have at most `cost_max` together, so
/// that what they hold and how long they wait is bounded.
class Worker {
 public:
  explicit Worker(std::size_t cost_max) : cost_max_(cost_max) {}

  /// Runs `job` on the thread; nullopt, at once, when there is too much to do. The coroutine goes
  /// on where it was. A job must not throw.
  template <std::invocable Job>
  Task<std::optional<std::invoke_result_t<Job&>>> run(std::size_t cost, Job job) {
    using Value = std::optional<std::invoke_result_t<Job&>>;
    // A single one may be dearer than all together.
    if (const std::size_t before = cost_.fetch_add(cost); before > 0 && before + cost > cost_max_) {
      cost_.fetch_sub(cost);
      co_return std::nullopt;
    }
    const Executor home = co_await asio::this_coro::executor;
    co_return co_await suspend<Value>([this, cost, home, job = std::move(job)](
                                          CompletionPtr<Value> completion) mutable {
      asio::post(thread_, [this, cost, home, job = std::move(job),
                           completion = std::move(completion)]() mutable {
        Value value(job());
        cost_.fetch_sub(cost);
        asio::post(home, [completion = std::move(completion), value = std::move(value)]() mutable {
          completion->complete(std::move(value));
        });
      });
    });
  }

 private:
  const std::size_t cost_max_;
  std::atomic<std::size_t> cost_ = 0;
  asio::thread_pool thread_{1};  // last: joined before anything it uses goes
};

}  // namespace instapay
