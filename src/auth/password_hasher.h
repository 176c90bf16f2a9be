#pragma once
// A few threads for password hashing, with a bounded queue in front.
#include <atomic>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace instapay::auth {

// At cost 12 and two threads, the last in a full queue waits about eight seconds.
inline constexpr std::size_t kHashQueueMax = 64;

// Thread-safe. Jobs run in order of arrival, on any of the threads; a job must not throw and must
// not destroy the hasher. Destruction refuses new jobs, runs those that were accepted, and joins.
class PasswordHasher {
 public:
  explicit PasswordHasher(std::size_t threads, std::size_t queue_max = kHashQueueMax);
  ~PasswordHasher();
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  // False when the queue is full or closing (answer 503 `overloaded`); `job` is then untouched,
  // so a moved-in completion handler can still be called. Move-only callables are welcome.
  template <std::invocable Job>
  [[nodiscard]] bool try_submit(Job&& job) {
    {
      const std::scoped_lock lock(mutex_);
      if (closing_ || queue_.size() >= queue_max_) return false;
      queue_.push_back(std::make_unique<TaskOf<std::decay_t<Job>>>(std::forward<Job>(job)));
      depth_.store(queue_.size(), std::memory_order_relaxed);
    }
    wake_.notify_one();
    return true;
  }

  // For metrics: jobs that wait, not those that run.
  std::size_t queue_depth() const { return depth_.load(std::memory_order_relaxed); }
  std::size_t queue_max() const { return queue_max_; }
  std::size_t threads() const { return threads_.size(); }

 private:
  struct Task {
    virtual ~Task() = default;
    virtual void run() = 0;
  };
  template <typename Job>
  struct TaskOf final : Task {
    explicit TaskOf(Job&& made) : job(std::move(made)) {}
    explicit TaskOf(const Job& made) : job(made) {}
    void run() override { std::move(job)(); }
    Job job;
  };

  void work();

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::unique_ptr<Task>> queue_;
  bool closing_ = false;
  std::atomic<std::size_t> depth_{0};
  std::vector<std::jthread> threads_;  // last: joined before anything they use goes
};

}  // namespace instapay::auth
