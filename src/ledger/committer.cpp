#include "ledger/committer.h"

#include <algorithm>
#include <limits>
#include <ranges>
#include <thread>

#include "core/limits.h"
#include "core/random.h"
#include "core/time.h"
#include "ledger/answer.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::ledger {
namespace {

constexpr std::int64_t kTakeWait_us = 100'000;
constexpr std::int64_t kPause_us = 50'000;
constexpr std::int64_t kBasisTick_us = 100'000;
constexpr int kCautionMax = 64;
using State = Flight::State;

// Counted once for all committers of the process.
struct Metrics {
  prometheus::Histogram& batch_size =
      metrics::histogram("instapay_ledger_batch_transfers", "Transfers in a committed batch",
                         {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000});
  prometheus::Histogram& commit_time = metrics::histogram(
      "instapay_ledger_commit_duration_seconds", "Time of one batch from its start to its commit",
      metrics::latency_buckets_s());
  prometheus::Counter& transfers =
      metrics::counter("instapay_ledger_transfers_total", "Transfers committed");
  prometheus::Counter& conflicts = metrics::counter(
      "instapay_ledger_conflicts_total", "Batches begun again because another writer was first");
  prometheus::Counter& ahead = metrics::counter("instapay_ledger_planned_ahead_total",
                                                "Batches planned on others that were in flight");
  prometheus::Counter& ahead_dropped =
      metrics::counter("instapay_ledger_planned_ahead_dropped_total",
                       "Of these, those planned again: not all of the others committed as planned, "
                       "or somebody's time was up");
  prometheus::Counter& unknown =
      metrics::counter("instapay_ledger_unknown_outcomes_total", "Commits whose answer was lost");
  prometheus::Counter& resolved = metrics::counter(
      "instapay_ledger_unknown_outcomes_resolved_total", "Of these, those settled by the fence");
};

Metrics& counted() {
  static Metrics instance;
  return instance;
}

std::vector<Uuid> accounts_of(const Submissions& submissions) {
  std::vector<Uuid> ids;
  for (const auto& submission : submissions)
    for (const Order& order : submission->orders) {
      ids.push_back(order.payer);
      ids.push_back(order.payee);
    }
  make_ordered_set(ids);
  return ids;
}

}  // namespace

Committer::Committer(Queue& queue, AccountBook& book, std::unique_ptr<Store> store, Limits limits,
                     Notifier* notifier)
    : queue_(queue), book_(book), store_(std::move(store)), limits_(limits), notifier_(notifier) {}

void Committer::pause() { std::this_thread::sleep_for(std::chrono::microseconds(kPause_us)); }

bool Committer::ready() {
  if (!store_->connect()) return false;
  if (chain_open_) return true;
  const auto chain = store_->open_chain();
  if (!chain) return false;
  position_ = {*chain, 1, genesis_hash(*chain)};
  chain_open_ = true;
  return true;
}

void Committer::run() {
  while (!queue_.drained() && !abandoned_) {
    if (!ready()) {
      auto expired = queue_.take_expired(monotonic_us());
      refuse(expired, Refusal{Code::database_unavailable});
      pause();
      continue;
    }
    Queue::Batch batch = queue_.take(kTakeWait_us);
    if (batch.submissions.empty()) continue;
    flight_ = batch.flight;
    basis_ = std::move(batch.basis);
    process(std::move(batch.submissions));
    flight_->become(State::landed);
    queue_.release(batch);
  }
  if (!abandoned_) return;
  auto rest = queue_.take_expired(std::numeric_limits<std::int64_t>::max());
  refuse(rest, Refusal{Code::shutting_down});
}

void Committer::process(Submissions submissions) {
  refuse_expired(submissions, Code::deadline_exceeded);
  attempts_ = 0;
  look_up_keys_ = false;
  locked_ = cautious_batches_ > 0;
  if (locked_) --cautious_batches_;
  while (!submissions.empty()) {
    // Whatever went wrong before may have taken the connection, or the chain, with it.
    if (!ready()) {
      wait_ready(submissions);
      continue;
    }
    if (attempt(submissions)) return;
  }
}

// Waits until the store is usable or nobody waits any more. Nothing is in doubt here.
void Committer::wait_ready(Submissions& submissions) {
  while (!submissions.empty() && !ready()) {
    refuse_expired(submissions, Code::database_unavailable);
    if (abandoned_) refuse(submissions, Refusal{Code::shutting_down});
    if (!submissions.empty()) pause();
  }
}

// True when the batch is done with, one way or the other.
bool Committer::attempt(Submissions& submissions) {
  const std::int64_t begun_us = monotonic_us();
  LoadRequest unknown;
  Known known = remember(submissions, unknown);
  if (!unknown.empty()) {
    if (!basis_.empty()) {
      // The database does not have it yet, and a lock taken now could be one that the basis needs.
      await_basis(submissions);
      return submissions.empty();
    }
    auto loaded = store_->load(unknown);
    // Nothing was written yet, so a lost connection leaves no doubt.
    if (!loaded) return recover(loaded.error(), submissions);
    loaded->accounts.insert(known.accounts.begin(), known.accounts.end());
    known = std::move(*loaded);
  }
  fill_random(position_.secret.data(), position_.secret.size());
  Plan plan = plan_batch(submissions, std::move(known), limits_, position_, now_us());
  if (plan.refused_a_key && !look_up_keys_) {
    // The payment may have happened, and left too little for itself: a retry gets its answer.
    look_up_keys_ = true;
    return false;
  }
  if (!plan.empty()) announce(plan);
  if (!basis_.empty()) {
    for (const auto& flight : basis_) plan.basis.push_back(flight->ref());
    counted().ahead.Increment();
    const auto written = plan.empty() ? StoreResult<void>{} : store_->write_ahead(plan);
    if (!written) return recover(written.error(), submissions);
    if (!await_basis(submissions)) {
      counted().ahead_dropped.Increment();
      return submissions.empty();
    }
  }
  const auto done = plan.empty() ? store_->confirm(plan) : store_->commit(plan);
  if (!done) {
    if (done.error().kind == StoreFailure::Kind::lost && !plan.empty())
      return settle(plan, submissions);
    return recover(done.error(), submissions);
  }
  counted().commit_time.Observe(static_cast<double>(monotonic_us() - begun_us) / 1e6);
  if (!locked_) caution_ = 0;
  committed(plan, submissions);
  return true;
}

// What the basis and the book know; `unknown` is what has to be read.
Known Committer::remember(const Submissions& submissions, LoadRequest& unknown) {
  Known known;
  std::vector<Uuid> ids = accounts_of(submissions);
  if (locked_) {
    unknown.accounts = std::move(ids);
  } else {
    // The newest first: it may have been planned on the others.
    for (const auto& flight : basis_ | std::views::reverse)
      std::erase_if(ids, [&](const Uuid& id) {
        const Account* account = flight->find(id);
        return account != nullptr && known.accounts.emplace(id, *account).second;
      });
    unknown.accounts = book_.look_up(ids, known.accounts);
  }
  for (const auto& submission : submissions) {
    if (submission->prelude) unknown.prelude = &*submission->prelude;
    for (const Order& order : submission->orders) {
      if (order.kind == TransferKind::refund)
        unknown.refunds.push_back({order.payer, order.refund_of});
      if (!order.key) continue;
      const KeyOfPayer key{order.payer, *order.key};
      if (look_up_keys_) unknown.keys.push_back(key);
      for (const auto& flight : basis_)
        if (const Transfer* first = flight->find(key)) known.keys.emplace(key, *first);
    }
  }
  // A refund is judged by the receiver's entries, so its account must be held while reading them.
  for (const RefundKey& refund : unknown.refunds) unknown.accounts.push_back(refund.receiver);
  make_ordered_set(unknown.accounts);
  return known;
}

// Others may be planned on this plan from now on, once. Costs a copy, so only when there is one.
void Committer::announce(const Plan& plan) {
  if (flight_->planned() || flight_->state() != State::in_flight) return;
  if (!queue_.has_full_batch()) return;
  flight_->plan(plan);
  queue_.planned();
}

// The plan at hand comes to nothing.
void Committer::take_back() {
  if (flight_->planned()) flight_->become(State::dropped);
}

// True when all that the plan was made on is committed as it was planned, and nobody has given up
// meanwhile. Otherwise nothing is left of the attempt, and the accounts are free for another one,
// without a basis.
bool Committer::await_basis(Submissions& submissions) {
  const Flights basis = std::exchange(basis_, {});
  const std::size_t waiting = submissions.size();
  bool holds = true;
  for (const auto& flight : basis) {
    // Who waits for long does so with empty hands: another process could want one of the keys, and
    // have what the basis waits for. The plan stays; commit() writes all of it then.
    if (flight->wait(State::dropped, kBasisTick_us) == State::in_flight)
      holds = store_->roll_back().has_value() && holds;
    holds = holds && await(*flight, State::dropped, submissions) == State::committed;
    if (!holds) break;
  }
  if (holds && submissions.size() == waiting) return true;
  take_back();
  // At once: the basis, in its next attempt, could want one of the keys that are written here. When
  // this fails the connection is gone, and the transaction with it.
  static_cast<void>(store_->roll_back());
  for (const auto& flight : basis) await(*flight, State::landed, submissions);
  return false;
}

// Returns before `least` only when nobody waits for the batch any more.
Flight::State Committer::await(const Flight& flight, State least, Submissions& submissions) {
  State state = flight.wait(least, 0);
  for (; state < least && !submissions.empty(); state = flight.wait(least, kBasisTick_us))
    refuse_expired(submissions, Code::deadline_exceeded);
  return state;
}

void Committer::committed(Plan& plan, Submissions& submissions) {
  if (!plan.empty()) {
    for (Account& account : plan.changed) ++account.version;
    book_.store(plan.changed);
    flight_->become(State::committed);  // after the book: who was planned on this one stores next
    position_ = {position_.chain_id, position_.seq + 1, plan.row.hash()};
    counted().batch_size.Observe(static_cast<double>(plan.transfers.size()));
    counted().transfers.Increment(static_cast<double>(plan.transfers.size()));
  }
  answer(submissions, std::move(plan.outcomes));
  if (notifier_ != nullptr && !plan.empty()) notifier_->tell(plan.changed);
}

bool Committer::recover(const StoreFailure& failure, Submissions& submissions) {
  using Kind = StoreFailure::Kind;
  take_back();
  switch (failure.kind) {
    case Kind::conflict:
      counted().conflicts.Increment();
      book_.forget(accounts_of(submissions));
      if (!locked_) {
        caution_ = std::min(std::max(1, caution_ * 2), kCautionMax);
        cautious_batches_ = caution_;
      }
      locked_ = true;
      break;
    case Kind::duplicate_key:
      look_up_keys_ = true;
      break;
    case Kind::chain_taken:
      chain_open_ = false;
      break;
    case Kind::lost:
      wait_ready(submissions);
      return submissions.empty();
    case Kind::unavailable:
      refuse(submissions, Refusal{Code::database_unavailable});
      return true;
    case Kind::prelude_refused:
      refuse(submissions, Refusal{Code::validation_failed, 0, 0, failure.constraint});
      return true;
    case Kind::broken:
      if (submissions.size() > 1) {
        process_alone(submissions);
      } else {
        refuse(submissions, Refusal{Code::internal_error});
      }
      return true;
  }
  // Nothing has happened: who has waited long enough is not made to wait for another try.
  refuse_expired(submissions, Code::deadline_exceeded);
  if (++attempts_ <= kConflictRetriesMax) return submissions.empty();
  refuse(submissions, Refusal{Code::overloaded});
  return true;
}

// One of them is poison: each on its own, so that the others get through.
void Committer::process_alone(Submissions& submissions) {
  flight_->become(State::dropped);  // nobody is to build on a part of it
  if (!basis_.empty()) await_basis(submissions);
  for (auto& submission : submissions) {
    Submissions one;
    one.push_back(std::move(submission));
    process(std::move(one));
  }
  submissions.clear();
}

bool Committer::settle(Plan& plan, Submissions& submissions) {
  counted().unknown.Increment();
  flight_->become(State::dropped);  // a doubt is nothing to build on
  // The same void mark in every try: a try whose own answer is lost may have written it.
  const BatchRow void_row{
      position_.chain_id, position_.seq, position_.prev_hash, merkle_root({}), 0, true, now_us()};
  const Hash256 hash = plan.row.hash();
  for (;;) {
    const auto fence = store_->fence(void_row, hash);
    if (fence) {
      counted().resolved.Increment();
      log::warn("lost commit settled",
                {{"event.outcome", *fence == Fence::committed ? "committed" : "void"},
                 {"instapay.chain", std::int64_t{position_.chain_id}},
                 {"instapay.batch", position_.seq},
                 {"instapay.transfers", plan.transfers.size()}});
      if (*fence == Fence::committed) {
        committed(plan, submissions);
        return true;
      }
      position_ = {position_.chain_id, position_.seq + 1, void_row.hash()};
      std::erase_if(submissions, [](const auto& s) { return s->completion == nullptr; });
      refuse_expired(submissions, Code::deadline_exceeded);
      return submissions.empty();
    }
    // Whoever waited long enough is told the truth: nobody knows yet. The batch stays whole,
    // because its outcome will be known.
    const bool abandoned = abandoned_;  // read once: who is left out here must not be dropped below
    for (auto& submission : submissions) {
      const bool late = submission->deadline_us <= monotonic_us() || abandoned;
      if (!late || submission->completion == nullptr) continue;
      Submissions one;
      one.push_back(std::make_unique<Submission>());
      one.back()->orders.resize(submission->orders.size());
      one.back()->completion = std::move(submission->completion);
      one.back()->reply = submission->reply;
      refuse(one, Refusal{Code::outcome_unknown});
    }
    if (abandoned) return true;
    pause();
  }
}

void Committer::refuse_expired(Submissions& submissions, Code code) {
  const std::int64_t now_us = monotonic_us();
  Submissions expired;
  std::erase_if(submissions, [&](SubmissionPtr& submission) {
    if (submission->deadline_us > now_us) return false;
    expired.push_back(std::move(submission));
    return true;
  });
  if (!expired.empty()) refuse(expired, Refusal{code});
}

}  // namespace instapay::ledger
