#pragma once
// A few threads for work that would hold up an I/O thread, with a bounded queue in front.
#include <algorithm>
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
/// that what they hold and how long they wait is bounded. Destroy after the I/O threads have
/// stopped and before IoThreads goes: what still waits is dropped, what runs is finished.
class Workers {
 public:
  Workers(std::size_t threads, std::size_t cost_max)
      : threads_(std::max<std::size_t>(threads, 1)), cost_max_(cost_max), pool_(threads_) {}

  /// Runs `job` on a thread, in the order of arrival; nullopt, at once, when there is too much to
  /// do. The coroutine goes on where it was. A job must not throw.
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
      asio::post(pool_, [this, cost, home, job = std::move(job),
                         completion = std::move(completion)]() mutable {
        Value value(job());
        cost_.fetch_sub(cost);
        asio::post(home, [completion = std::move(completion), value = std::move(value)]() mutable {
          completion->complete(std::move(value));
        });
      });
    });
  }

  std::size_t threads() const { return threads_; }
  /// Of what waits or runs now.
  std::size_t cost() const { return cost_; }

 private:
  const std::size_t threads_, cost_max_;
  std::atomic<std::size_t> cost_ = 0;
  asio::thread_pool pool_;  // last: joined before anything it uses goes
};

}  // namespace instapay
