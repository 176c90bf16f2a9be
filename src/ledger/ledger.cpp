#include "ledger/ledger.h"

#include <pthread.h>

#include <algorithm>

#include "core/factor.h"
#include "core/limits.h"
#include "core/time.h"
#include "ledger/commit/answer.h"
#include "ledger/store/pg_store.h"
#include "telemetry/metrics.h"

namespace instapay::ledger {
namespace {

constexpr auto kExpiryTick = std::chrono::milliseconds(100);

}  // namespace

Ledger::Ledger(IoThreads& threads, Options options)
    : queue_(options.queue_max, options.batch_max),
      book_(kAccountBookMax),
      notifier_(options.database) {
  for (std::size_t i = 0; i < threads.size(); ++i)
    mailboxes_.push_back(std::make_unique<Mailbox<Outcomes>>(threads.at(i)));
  for (int i = 0; i < options.committers; ++i) {
    committers_.push_back(std::make_unique<Committer>(queue_, book_, room_,
                                                      std::make_unique<PgStore>(options.database),
                                                      options.terms, &notifier_));
    threads_.emplace_back([committer = committers_.back().get()] {
      pthread_setname_np(pthread_self(), "committer");
      committer->run();
    });
  }
  threads_.emplace_back([this](const std::stop_token& stop) { refuse_expired(stop); });
}

Ledger::~Ledger() { stop(0); }

void Ledger::stop(std::int64_t grace_us) {
  queue_.close();
  const std::int64_t until_us = monotonic_us() + grace_us;
  while (!queue_.drained() && monotonic_us() < until_us)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  for (auto& committer : committers_) committer->abandon();
  threads_.clear();
}

// A thread of its own: committers may all be waiting for the database, with accounts in their hands
// that others wait for.
void Ledger::refuse_expired(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "ledger-expiry");
  while (!stop.stop_requested()) {
    auto expired = queue_.take_expired(monotonic_us());
    refuse(expired, Refusal{Code::deadline_exceeded});
    std::this_thread::sleep_for(kExpiryTick);
  }
}

Task<Outcomes> Ledger::submit(SubmissionPtr submission) {
  if (submission->deadline_us == 0) submission->deadline_us = monotonic_us() + kTransferDeadline_us;
  if (submission->span.sampled) submission->queued = {now_us()};
  submission->reply = mailboxes_[IoThreads::current()].get();
  return suspend<Outcomes>(
      [this, held = std::move(submission)](CompletionPtr<Outcomes> completion) mutable {
        held->completion = std::move(completion);
        if (queue_.push(held)) return;
        const Code code = queue_.closed() ? Code::shutting_down : Code::overloaded;
        held->completion->complete(Outcomes(held->orders.size(), std::unexpected(Refusal{code})));
      });
}

bool Ledger::clock_is_right() const {
  return std::ranges::all_of(committers_, [](const auto& each) { return each->clock_is_right(); });
}

Task<Outcome> Ledger::submit(Order order, std::optional<RequestKey> key, trace::Context span) {
  auto submission = std::make_unique<Submission>();
  submission->key = std::move(key);
  submission->span = span;
  submission->orders.push_back(std::move(order));
  auto outcomes = co_await submit(std::move(submission));
  co_return std::move(outcomes.front());
}

Error to_error(const Refusal& refusal, Currency currency) {
  const auto amount = [&](Amount amount) { return format_amount(amount.minor, currency); };
  const auto money = [&](Amount each) { return amount(each) + " " + std::string(currency.code); };
  Error error{refusal.code, std::string(info(refusal.code).title) + "."};
  const auto bound = [&] {
    error.bounds = {amount(refusal.limit), amount(refusal.available), refusal.resets.us};
  };
  switch (refusal.code) {
    case Code::insufficient_funds:
      error.detail = money(refusal.available) + " is available.";
      error.bounds = {.left = amount(refusal.available)};
      break;
    case Code::balance_not_zero:
      error.detail = "The wallet still holds " + money(refusal.available) + ".";
      error.bounds = {.left = amount(refusal.available)};
      break;
    case Code::transfer_limit_exceeded:
      error.detail = "One transfer may be at most " + money(refusal.limit) + ".";
      bound();
      break;
    case Code::daily_limit_exceeded:
      error.detail = "The limit of a day is " + money(refusal.limit) + "; " +
                     money(refusal.available) + " is left today (UTC).";
      bound();
      break;
    case Code::unverified_limit_exceeded:
      error.detail = "Before the e-mail address is verified, " + money(refusal.limit) +
                     " may be sent on a day; " + money(refusal.available) + " is left today (UTC).";
      bound();
      break;
    case Code::refund_exceeds_transfer:
      error.detail = "At most " + money(refusal.available) + " remains to refund.";
      bound();
      break;
    case Code::capture_exceeds_hold:
      error.detail = "At most " + money(refusal.available) + " is left of the hold.";
      bound();
      break;
    case Code::step_up_required:
      return step_up_error(refusal.pin_is_enough);
    case Code::pin_limit:
      error.detail =
          "This is above what a PIN is good for at once or on a day; show another factor.";
      error.factor = step_up_error().factor;
      break;
    case Code::allowance_exceeded:
      error.detail = "This is above what the service account may order at once or on a day.";
      break;
    case Code::step_up_impossible:
      error.detail =
          "The owner's rules ask for a second factor, which a service account has not. Its limits "
          "stand in place of them when they were set with one.";
      break;
    case Code::storage_low:
      error.retry_after_s = 5;
      break;
    case Code::clock_skew:
    case Code::overloaded:
      error.retry_after_s = 1;
      break;
    default:
      break;
  }
  return error;
}

}  // namespace instapay::ledger
