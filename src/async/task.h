#pragma once
// Coroutines on the I/O threads, and the one bridge from callbacks into them.
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace instapay {

namespace asio = boost::asio;

// A concrete executor: type erasure would cost an allocation per wake-up.
using Executor = asio::io_context::executor_type;

template <class T>
using Task = asio::awaitable<T, Executor>;

inline constexpr asio::use_awaitable_t<Executor> kUseTask;

/// Wakes the coroutine that waits in suspend(), once, on the thread that calls it. That thread
/// must be the coroutine's own I/O thread: other threads go through a Mailbox.
template <class T>
class Completion {
 public:
  virtual ~Completion() = default;
  virtual void complete(T value) = 0;
};

template <class T>
using CompletionPtr = std::unique_ptr<Completion<T>>;

namespace detail {
// Inside suspend()'s start: a coroutine must not be resumed before it is wholly suspended.
inline thread_local bool starting = false;

struct Starting {
  Starting() { starting = true; }
  ~Starting() { starting = false; }
};
}  // namespace detail

/// Suspends the calling coroutine; `start` gets the CompletionPtr<T> that resumes it. Destroying
/// the completion unused destroys the coroutine (only at shutdown).
template <class T, class Start>
Task<T> suspend(Start start) {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void(T)>(
      [start = std::move(start)](auto handler) mutable {
        using Handler = decltype(handler);
        struct Resume final : Completion<T> {
          explicit Resume(Handler h) : handler(std::move(h)) {}
          void complete(T value) override {
            auto resume = std::move(handler);
            if (!detail::starting) return std::move(resume)(std::move(value));
            const auto executor = asio::get_associated_executor(resume);
            asio::post(executor, [resume = std::move(resume), value = std::move(value)]() mutable {
              std::move(resume)(std::move(value));
            });
          }
          Handler handler;
        };
        auto completion = std::make_unique<Resume>(std::move(handler));
        const detail::Starting until_suspended;
        start(CompletionPtr<T>(std::move(completion)));
      },
      kUseTask);
}

}  // namespace instapay
