#include "app/ledger_session.h"

#include "async/timer.h"

namespace instapay::app {

ledger::Options LedgerSession::options_of(const Config& config, const std::string& database_url) {
  ledger::Options options;
  options.database = {database_url, "instapay_user", "instapay command"};
  options.terms = {{{config.transfer_limit_minor},
                    {config.daily_limit_minor},
                    {config.unverified_daily_limit_minor}},
                   std::string(config.currency.code)};
  options.committers = 1;
  return options;
}

Task<void> LedgerSession::pause() {
  Timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds(10));
  co_await timer.async_wait(kUseTask);
}

}  // namespace instapay::app
