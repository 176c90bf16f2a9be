#include "ledger/committer.h"

#include <algorithm>
#include <limits>
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
constexpr int kCautionMax = 64;

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
  std::ranges::sort(ids);
  const auto rest = std::ranges::unique(ids);
  ids.erase(rest.begin(), rest.end());
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
    process(std::move(batch.submissions));
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
  auto known = gather(submissions);
  if (!known) {
    // Nothing was written yet, so a lost connection leaves no doubt.
    return recover(known.error(), submissions);
  }
  fill_random(position_.secret.data(), position_.secret.size());
  Plan plan = plan_batch(submissions, std::move(*known), limits_, position_, now_us());
  if (plan.refused_a_key && !look_up_keys_) {
    // The payment may have happened, and left too little for itself: a retry gets its answer.
    look_up_keys_ = true;
    return false;
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

StoreResult<Known> Committer::gather(const Submissions& submissions) {
  Known known;
  LoadRequest request;
  const std::vector<Uuid> ids = accounts_of(submissions);
  if (locked_) {
    request.accounts = ids;
  } else {
    request.accounts = book_.look_up(ids, known.accounts);
  }
  for (const auto& submission : submissions) {
    if (submission->prelude) request.prelude = &*submission->prelude;
    for (const Order& order : submission->orders) {
      if (look_up_keys_ && order.key) request.keys.push_back({order.payer, *order.key});
      if (order.kind == TransferKind::refund)
        request.refunds.push_back({order.payer, order.refund_of});
    }
  }
  // A refund is judged by the receiver's entries, so its account must be held while reading them.
  for (const RefundKey& refund : request.refunds) request.accounts.push_back(refund.receiver);
  std::ranges::sort(request.accounts);
  const auto rest = std::ranges::unique(request.accounts);
  request.accounts.erase(rest.begin(), rest.end());

  if (request.accounts.empty() && request.keys.empty() && request.prelude == nullptr) return known;
  auto loaded = store_->load(request);
  if (!loaded) return std::unexpected(loaded.error());
  for (auto& [id, account] : known.accounts) loaded->accounts.try_emplace(id, account);
  return loaded;
}

void Committer::committed(Plan& plan, Submissions& submissions) {
  if (!plan.empty()) {
    for (Account& account : plan.changed) ++account.version;
    book_.store(plan.changed);
    position_ = {position_.chain_id, position_.seq + 1, plan.row.hash()};
    counted().batch_size.Observe(static_cast<double>(plan.transfers.size()));
    counted().transfers.Increment(static_cast<double>(plan.transfers.size()));
  }
  answer(submissions, std::move(plan.outcomes));
  if (notifier_ != nullptr && !plan.empty()) notifier_->tell(plan.changed);
}

bool Committer::recover(const StoreFailure& failure, Submissions& submissions) {
  using Kind = StoreFailure::Kind;
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
  for (auto& submission : submissions) {
    Submissions one;
    one.push_back(std::move(submission));
    process(std::move(one));
  }
  submissions.clear();
}

bool Committer::settle(Plan& plan, Submissions& submissions) {
  counted().unknown.Increment();
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
