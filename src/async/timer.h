#pragma once
// The timer of coroutines: as asio::steady_timer, of the executor that Task has.
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>

#include "async/task.h"

namespace instapay {

using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace instapay
