#pragma once
// The ledger and a pool for one command: what a command does to the books goes the same way as what
// a service does.
#include <boost/asio/co_spawn.hpp>
#include <future>

#include "config/config.h"
#include "ledger/ledger.h"
#include "pg/pool.h"

namespace instapay::app {

class LedgerSession {
 public:
  LedgerSession(const Config& config, const std::string& database_url)
      : db_(threads_, {database_url, "instapay_user", "instapay command"}, {1}),
        ledger_(threads_, options_of(config, database_url)) {
    threads_.start();
  }
  ~LedgerSession() {
    ledger_.stop(kTransferDeadline_us);
    threads_.stop();
  }

  /// Runs `work(db, ledger)`, a coroutine that returns a Result, and waits for it.
  template <class T>
  Result<T> run(std::function<Task<Result<T>>(pg::Pool&, ledger::Ledger&)> work) {
    const auto done = std::make_shared<std::promise<Result<T>>>();
    auto result = done->get_future();
    asio::co_spawn(threads_.at(0), carry_out<T>(std::move(work), done), asio::detached);
    return result.get();
  }

 private:
  template <class T>
  Task<void> carry_out(std::function<Task<Result<T>>(pg::Pool&, ledger::Ledger&)> work,
                       std::shared_ptr<std::promise<Result<T>>> done) {
    while (!db_.connected()) co_await pause();
    done->set_value(co_await work(db_, ledger_));
  }
  static ledger::Options options_of(const Config& config, const std::string& database_url);
  static Task<void> pause();

  IoThreads threads_{1};
  pg::Pool db_;
  ledger::Ledger ledger_;
};

}  // namespace instapay::app
