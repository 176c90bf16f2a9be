#include "transaction/hold_worker.h"

#include "queries.h"
#include "transaction/due_lag.h"

namespace instapay::transaction {
namespace {

constexpr auto kPeriod = std::chrono::seconds(1);
// Taken at once, and released in one request to the ledger, long before the lease is over.
constexpr std::int32_t kTakenMax = 200;

void count(std::string_view outcome) {
  metrics::counter("instapay_hold_releases_total", "Tries to give free what is held past its end",
                   {{"outcome", std::string(outcome)}})
      .Increment();
}

// What is done already, or may not be done yet by the ledger's clock, is in the hold's row.
std::string_view name_of(const ledger::Outcome& outcome) {
  if (outcome) return "released";
  return info(outcome.error().code).status < 500 ? "settled" : "asked_again";
}

class Releases final : public Rounds {
 public:
  Releases(asio::io_context& io, pg::Pool& db, ledger::Ledger& ledger)
      : Rounds(io, kPeriod), db_(db), ledger_(ledger) {}

 private:
  Task<bool> round() override {
    const bool more = co_await release_some();
    const auto lag = co_await db_.query(queries::transaction::hold_lag);
    lag_.publish(lag ? std::optional(lag->front().lag_ms) : std::nullopt);
    co_return more;
  }

  // A part of what is due; whether there may be more.
  Task<bool> release_some() {
    // A database that is away is in the log of the pool.
    const auto taken =
        co_await db_.query(queries::transaction::claim_holds, pg::Params().add(kTakenMax));
    if (!taken || taken->empty() || is_stopped()) co_return false;
    auto submission = std::make_unique<ledger::Submission>();
    for (const auto& row : *taken) {
      ledger::Order& order = submission->orders.emplace_back();
      order.payer = {row.payer_id};
      order.payee = {row.payee_id};
      order.kind = ledger::EntryKind::release;
      order.reference = row.id;
    }
    const auto outcomes = co_await ledger_.submit(std::move(submission));
    for (const ledger::Outcome& outcome : outcomes) count(name_of(outcome));
    co_return taken->size() == kTakenMax;
  }

  pg::Pool& db_;
  ledger::Ledger& ledger_;
  DueLag lag_{metrics::gauge("instapay_holds_lag_seconds",
                             "For how long what is held past its end has been so")};
};

}  // namespace

void HoldWorker::start(asio::io_context& io) {
  rounds_ = std::make_shared<Releases>(io, db_, ledger_);
  rounds_->start();
}

void HoldWorker::stop() {
  if (rounds_) rounds_->stop();
}

}  // namespace instapay::transaction
