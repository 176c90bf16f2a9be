#include "transaction/schedule_worker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <vector>

#include "queries.h"
#include "telemetry/log.h"
#include "transaction/due_lag.h"

namespace instapay::transaction {
namespace {

constexpr auto kPeriod = std::chrono::seconds(1);
// Taken at once: what a worker can pay long before its lease is over.
constexpr std::int32_t kBegunMax = 200, kTakenMax = 200;
// Payments under way at once: they share batches of the ledger.
constexpr int kLanes = 16;

void count(std::string_view outcome) {
  metrics::counter("instapay_schedule_payments_total",
                   "Tries to pay what a schedule or a mandate says is due",
                   {{"outcome", std::string(outcome)}})
      .Increment();
}

}  // namespace

ledger::RequestKey key_of(const DuePayment& due) {
  // A length in binary stands before the text, so it is no key that a client could send.
  HashInput key, request;
  key.text(due.is_draw ? "mandate draw" : "schedule occurrence").bytes(due.id.bytes);
  request.text(due.is_draw ? "pay mandate draw" : "pay schedule occurrence").bytes(due.id.bytes);
  return {due.order.payer.uuid, key.half(), request.half()};
}

AfterRefusal after_refusal(Code code) {
  switch (code) {
    case Code::insufficient_funds:
    case Code::daily_limit_exceeded:
    case Code::unverified_limit_exceeded:
    case Code::sender_frozen:
    case Code::receiver_unavailable:
      return AfterRefusal::try_later;
    // It is not as it was taken: what it is now stands in its row.
    case Code::request_not_found:
    case Code::request_already_paid:
    case Code::request_cancelled:
    case Code::idempotency_key_reused:
      return AfterRefusal::ask_again;
    default:
      return info(code).status >= 500 ? AfterRefusal::ask_again : AfterRefusal::give_up;
  }
}

namespace {

// What was taken together, for lanes that pay of it beside each other.
struct Round {
  std::vector<DuePayment> due;
  std::size_t next = 0;
};

// Wakes who waits for the lanes with the last of them. Held by the lanes alone: what is cut off at
// shutdown ends with them.
struct Join {
  int lanes = kLanes;
  CompletionPtr<bool> done;
};

class Payments final : public Rounds {
 public:
  Payments(asio::io_context& io, pg::Pool& db, ledger::Ledger& ledger)
      : Rounds(io, kPeriod), db_(db), ledger_(ledger) {}

 private:
  Task<bool> round() override;
  Task<bool> pay_some();
  static Task<void> pay_all(std::shared_ptr<Payments> payments, std::shared_ptr<Round> round,
                            std::shared_ptr<Join> join);
  Task<void> pay(DuePayment due);

  pg::Pool& db_;
  ledger::Ledger& ledger_;
  DueLag lag_{
      metrics::gauge("instapay_schedules_lag_seconds",
                     "For how long the payment of a schedule or a mandate has waited that is due "
                     "the longest")};
};

Task<bool> Payments::round() {
  const bool more = co_await pay_some();
  const auto lag = co_await db_.query(queries::transaction::schedule_lag);
  lag_.publish(lag ? std::optional(lag->front().lag_ms) : std::nullopt);
  co_return more;
}

DuePayment due_payment(const auto& row) {
  DuePayment due{.id = row.id, .tries = row.tries};
  due.order.payer = {row.payer_id};
  due.order.payee = {row.payee_id};
  due.order.amount = {row.amount};
  due.order.note = row.note.value_or("");
  due.order.reference = row.id;
  return due;
}

// Begins and pays a part of what is due; whether there may be more.
Task<bool> Payments::pay_some() {
  // A database that is away is in the log of the pool.
  const auto begun =
      co_await db_.query(queries::transaction::begin_occurrences, pg::Params().add(kBegunMax));
  if (!begun || is_stopped()) co_return false;
  const auto taken =
      co_await db_.query(queries::transaction::claim_occurrences, pg::Params().add(kTakenMax));
  if (!taken) co_return false;
  const auto draws =
      co_await db_.query(queries::transaction::claim_draws, pg::Params().add(kTakenMax));
  // What was taken is paid all the same: its lease runs.
  auto round = std::make_shared<Round>();
  for (const auto& row : *taken) {
    DuePayment& due = round->due.emplace_back(due_payment(row));
    if (row.too_late) due.give_up = "too_late";
  }
  if (draws)
    for (const auto& row : *draws) {
      DuePayment& due = round->due.emplace_back(due_payment(row));
      due.is_draw = true;
      due.give_up = row.give_up.value_or("");
    }
  if (round->due.empty()) co_return begun->front().seen > 0;
  const auto self = std::static_pointer_cast<Payments>(shared_from_this());
  co_await suspend<bool>([self, round](CompletionPtr<bool> done) {
    auto join = std::make_shared<Join>();
    join->done = std::move(done);
    const Executor executor = self->executor();
    for (int i = 0; i < join->lanes; ++i)
      asio::post(executor,
                 [=] { asio::co_spawn(executor, pay_all(self, round, join), asio::detached); });
  });
  co_return true;
}

Task<void> Payments::pay_all(std::shared_ptr<Payments> payments, std::shared_ptr<Round> round,
                             std::shared_ptr<Join> join) {
  while (round->next < round->due.size() && !payments->is_stopped()) {
    DuePayment due = std::move(round->due[round->next++]);
    co_await payments->pay(std::move(due));
  }
  if (--join->lanes == 0) join->done->complete(true);
}

Task<void> Payments::pay(DuePayment due) {
  std::string_view why = due.give_up;
  bool later = false;
  if (due.give_up.empty()) {
    const auto key = key_of(due);
    const auto outcome = co_await ledger_.submit(std::move(due.order), key);
    if (outcome) co_return count("paid");
    const Code code = outcome.error().code;
    const AfterRefusal next = after_refusal(code);
    if (next == AfterRefusal::ask_again) {
      if (info(code).status < 500)
        log::info(
            "what was due changed while it was paid",
            {{due.is_draw ? "instapay.draw.id" : "instapay.occurrence.id", due.id.to_string()},
             {"error.code", info(code).name}});
      co_return count("asked_again");
    }
    // To the ledger a draw past its mandate's end is a request past its own.
    why = due.is_draw && code == Code::request_expired ? "mandate_expired" : info(code).name;
    later = next == AfterRefusal::try_later;
  }
  pg::Params params;
  params.add(due.id).add(due.tries).add(why).add(later);
  if (due.is_draw) {
    const auto written = co_await db_.query(queries::transaction::refuse_draw, std::move(params));
    co_return count(written ? written->front().outcome : "asked_again");
  }
  const auto written =
      co_await db_.query(queries::transaction::refuse_occurrence, std::move(params));
  count(written ? written->front().outcome : "asked_again");
}

}  // namespace

void ScheduleWorker::start(asio::io_context& io) {
  rounds_ = std::make_shared<Payments>(io, db_, ledger_);
  rounds_->start();
}

void ScheduleWorker::stop() {
  if (rounds_) rounds_->stop();
}

}  // namespace instapay::transaction
