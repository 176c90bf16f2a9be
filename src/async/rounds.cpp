#include "async/rounds.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

namespace instapay {

void Rounds::start() { asio::co_spawn(executor(), run(shared_from_this()), asio::detached); }

void Rounds::stop() {
  asio::post(executor(), [rounds = shared_from_this()] {
    rounds->stopped_ = true;
    rounds->timer_.cancel();
  });
}

Task<void> Rounds::run(std::shared_ptr<Rounds> rounds) {
  while (!rounds->stopped_) {
    if (co_await rounds->round() || rounds->stopped_) continue;
    boost::system::error_code cancelled;
    rounds->timer_.expires_after(rounds->pause_);
    co_await rounds->timer_.async_wait(asio::redirect_error(kUseTask, cancelled));
  }
}

}  // namespace instapay
