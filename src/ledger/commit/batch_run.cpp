#include "ledger/commit/batch_run.h"

#include <algorithm>
#include <ranges>

#include "core/random.h"
#include "core/time.h"
#include "ledger/commit/answer.h"
#include "ledger/commit/commit_metrics.h"
#include "ledger/proof/merkle.h"
#include "telemetry/log.h"

namespace instapay::ledger {
namespace {

constexpr std::int64_t kBasisTick_us = 100'000;
// A plan that waited this long may be refused for its time, though our clock is right.
constexpr std::int64_t kPlanIsOld_us = 1'000'000;
using State = Flight::State;

// Two requests with one key, of which only one can be the first: the longer answer is read.
void merge_equal_keys(std::vector<KeyRequest>& keys) {
  const auto order = [](const KeyRequest& k) {
    return std::tuple(k.key.principal, k.key.key, -k.orders);
  };
  std::ranges::sort(keys, {}, order);
  const auto rest = std::ranges::unique(keys, {}, &KeyRequest::key);
  keys.erase(rest.begin(), rest.end());
}

}  // namespace

BatchRun::BatchRun(Committer& committer, std::shared_ptr<Flight> flight, Flights basis,
                   Submissions submissions)
    : committer_(committer),
      flight_(std::move(flight)),
      basis_(std::move(basis)),
      submissions_(std::move(submissions)),
      times_{.taken = {now_us()}},
      locked_(committer.caution_.next()) {}

void BatchRun::run() {
  refuse_expired(Code::deadline_exceeded);
  while (!submissions_.empty()) {
    // Whatever went wrong before may have taken the connection, or the chain, with it.
    if (committer_.ready()) {
      attempt();
    } else {
      wait_ready();
    }
  }
}

// Waits until the store is usable or nobody waits any more. Nothing is in doubt here.
void BatchRun::wait_ready() {
  while (!submissions_.empty() && !committer_.ready()) {
    refuse_expired(Code::database_unavailable);
    if (committer_.abandoned_) refuse_all(Refusal{Code::shutting_down});
    if (!submissions_.empty()) committer_.pause();
  }
}

void BatchRun::attempt() {
  Store& store = *committer_.store_;
  const std::int64_t begun_us = monotonic_us();
  now_ = {now_us()};
  LoadRequest unknown;
  Known known = gather(unknown);
  if (!unknown.empty()) {
    if (!basis_.empty()) {
      // The database does not have it yet, and a lock taken now could be one that the basis needs.
      await_basis();
      return;
    }
    auto loaded = store.load(unknown);
    // Nothing was written yet, so a lost connection leaves no doubt.
    if (!loaded) return recover(loaded.error(), nullptr);
    loaded->accounts.insert(known.accounts.begin(), known.accounts.end());
    loaded->keys.insert(known.keys.begin(), known.keys.end());
    known = std::move(*loaded);
    now_ = {now_us()};  // it may have waited for locks
  }
  committer_.terms_.storage_low = committer_.room_.low();
  Position& position = committer_.position_;
  fill_random(position.secret.data(), position.secret.size());
  Plan plan = plan_batch(submissions_, std::move(known), committer_.terms_, position, now_);
  if (plan.refused_a_key && !look_up_keys_) {
    // It may have happened, and left too little for itself: a retry gets its answer.
    look_up_keys_ = true;
    return;
  }
  if (refuses_remembered(plan, unknown)) {
    look_up_unverified_ = true;
    // Nor from what the basis remembers, which takes the flag along.
    if (!basis_.empty()) await_basis();
    return;
  }
  if (!plan.empty()) announce(plan);
  if (!basis_.empty() && !write_on_basis(plan)) return;
  times_.committing = {now_us()};
  const auto done = plan.empty() ? store.confirm(plan) : store.commit(plan);
  if (!done) return recover(done.error(), plan.empty() ? nullptr : &plan);
  commit_metrics().commit_time.Observe(static_cast<double>(monotonic_us() - begun_us) / 1e6);
  if (!locked_) committer_.caution_.succeeded_without();
  answer_all(plan);
}

// Whether a payer is refused as unverified who was not read in this attempt.
bool BatchRun::refuses_remembered(const Plan& plan, const LoadRequest& read) {
  return std::ranges::any_of(plan.refused_unverified, [&](const AccountId& id) {
    return !std::ranges::binary_search(read.accounts, id);
  });
}

// What the basis and the book know; `unknown` is what has to be read.
Known BatchRun::gather(LoadRequest& unknown) {
  Known known;
  unknown.now = now_;
  unknown.unverified = committer_.terms_.limits.unverified_per_day > Amount{0};
  gather_accounts(known, unknown);
  for (const auto& submission : submissions_) {
    if (submission->prelude) unknown.prelude = submission->prelude.get();
    if (submission->key) gather_keys(*submission, known, unknown);
    for (const Order& order : submission->orders) {
      if (order.kind == EntryKind::refund)
        unknown.refunds.push_back({order.payer, order.refund_of});
      if (pays_request(order)) unknown.requests.push_back(order.reference);
      if (needs_hold(order)) unknown.holds.push_back(order.reference);
    }
  }
  merge_equal_keys(unknown.keys);
  return known;
}

std::vector<AccountId> BatchRun::accounts() const {
  std::vector<AccountId> ids;
  for (const auto& submission : submissions_)
    for_each_account(*submission, [&](const AccountId& id) { ids.push_back(id); });
  make_ordered_set(ids);
  return ids;
}

void BatchRun::gather_accounts(Known& known, LoadRequest& unknown) {
  std::vector<AccountId> ids = accounts();
  if (locked_) {
    unknown.accounts = std::move(ids);
    unknown.lock = true;
    return;
  }
  // The newest first: it may have been planned on the others.
  for (const auto& flight : basis_ | std::views::reverse)
    std::erase_if(ids, [&](const AccountId& id) {
      const Account* account = flight->find(id);
      return account != nullptr && known.accounts.emplace(id, *account).second;
    });
  unknown.accounts = committer_.book_.look_up(ids, known.accounts);
  // Our clock is behind their last entries: what they have sent today is to be counted. Or they may
  // be verified by now.
  for (const AccountId& id : ids)
    if (const auto account = known.accounts.find(id);
        account != known.accounts.end() && (!knows_day_of(account->second, now_) ||
                                            (look_up_unverified_ && account->second.unverified))) {
      known.accounts.erase(account);
      unknown.accounts.push_back(id);
    }
  make_ordered_set(unknown.accounts);
}

void BatchRun::gather_keys(const Submission& submission, Known& known, LoadRequest& unknown) {
  const OwnedKey key = owned(*submission.key);
  if (look_up_keys_)
    unknown.keys.push_back({key, static_cast<std::int32_t>(submission.orders.size())});
  for (const auto& flight : basis_)
    if (const FirstAnswer* first = flight->find(key)) known.keys.emplace(key, *first);
}

// Others may be planned on this plan from now on, once. Costs a copy, so only when there is one.
void BatchRun::announce(const Plan& plan) {
  if (flight_->planned() || flight_->state() != State::in_flight) return;
  if (!committer_.queue_.has_full_batch()) return;
  flight_->plan(plan);
  committer_.queue_.planned();
}

// False when the attempt came to nothing.
bool BatchRun::write_on_basis(const Plan& plan) {
  commit_metrics().ahead.Increment();
  if (!plan.empty())
    if (const auto written = committer_.store_->write_ahead(plan); !written) {
      recover(written.error(), nullptr);
      return false;
    }
  if (await_basis()) return true;
  commit_metrics().ahead_dropped.Increment();
  return false;
}

// True when all that the plan was made on is committed as it was planned, and nobody has given up
// meanwhile. Otherwise nothing is left of the attempt, and the accounts are free for another one,
// without a basis.
bool BatchRun::await_basis() {
  const Flights basis = std::exchange(basis_, {});
  const std::size_t waiting = submissions_.size();
  Store& store = *committer_.store_;
  bool holds = true;
  for (const auto& flight : basis) {
    // Who waits for long does so with empty hands: another process could want one of the keys, and
    // have what the basis waits for. The plan stays; commit() writes all of it then.
    if (flight->wait(State::dropped, kBasisTick_us) == State::in_flight)
      holds = store.roll_back().has_value() && holds;
    holds = holds && await(*flight, State::dropped) == State::committed;
    if (!holds) break;
  }
  if (holds && submissions_.size() == waiting) return true;
  if (flight_->planned()) flight_->become(State::dropped);
  // At once: the basis, in its next attempt, could want one of the keys that are written here. When
  // this fails the connection is gone, and the transaction with it.
  static_cast<void>(store.roll_back());
  for (const auto& flight : basis) await(*flight, State::landed);
  return false;
}

// Returns before `least` only when nobody waits for the batch any more.
Flight::State BatchRun::await(const Flight& flight, State least) {
  State state = flight.wait(least, 0);
  for (; state < least && !submissions_.empty(); state = flight.wait(least, kBasisTick_us))
    refuse_expired(Code::deadline_exceeded);
  return state;
}

void BatchRun::answer_all(Plan& plan) {
  if (!plan.empty()) {
    committer_.book_.store(plan.changed);
    flight_->become(State::committed);  // after the book: who was planned on this one stores next
    Position& position = committer_.position_;
    position = {position.chain_id, position.seq + 1, plan.row.hash()};
    commit_metrics().batch_size.Observe(static_cast<double>(plan.transfers.size()));
    commit_metrics().transfers.Increment(static_cast<double>(plan.transfers.size()));
  }
  times_.attempts = failures_ + 1;
  add_spans(submissions_, plan, times_);
  answer(submissions_, std::move(plan.outcomes));
  if (committer_.notifier_ != nullptr && !plan.empty()) committer_.notifier_->tell(plan.changed);
}

void BatchRun::recover(const StoreFailure& failure, Plan* committing) {
  if (flight_->planned()) flight_->become(State::dropped);
  if (failure.kind == StoreFailure::Kind::disk_full) committer_.room_.found_full();
  const Recovery next = recover_from({.failure = failure.kind,
                                      .committing = committing != nullptr,
                                      .locked = locked_,
                                      .alone = submissions_.size() == 1,
                                      .plan_is_old = now_us() - now_.us > kPlanIsOld_us,
                                      .attempts = ++failures_});
  switch (next.step) {
    case Step::retry:
      break;
    case Step::retry_locked:
      commit_metrics().conflicts.Increment();
      committer_.book_.forget(accounts());
      if (!locked_) committer_.caution_.conflicted();
      locked_ = true;
      break;
    case Step::look_up_keys:
      look_up_keys_ = true;
      break;
    case Step::open_chain:
      committer_.chain_open_ = false;
      break;
    case Step::reconnect:
      wait_ready();
      return;
    case Step::settle:
      settle(*committing);
      return;
    case Step::split:
      split();
      return;
    case Step::refuse:
      refuse_all(Refusal{.code = next.code, .constraint = failure.constraint});
      return;
  }
  // Nothing has happened: who has waited long enough is not made to wait for another try.
  refuse_expired(Code::deadline_exceeded);
}

// One of them is poison: each on its own, so that the others get through.
void BatchRun::split() {
  flight_->become(State::dropped);  // nobody is to build on a part of it
  if (!basis_.empty()) await_basis();
  for (auto& submission : submissions_) {
    Submissions one;
    one.push_back(std::move(submission));
    BatchRun(committer_, flight_, {}, std::move(one)).run();
  }
  submissions_.clear();
}

void BatchRun::settle(Plan& plan) {
  commit_metrics().unknown.Increment();
  flight_->become(State::dropped);  // a doubt is nothing to build on
  const Position& position = committer_.position_;
  // The same void mark in every try: a try whose own answer is lost may have written it.
  const BatchRow void_row{
      position.chain_id, position.seq, position.prev_hash, merkle_root({}), 0, true, {now_us()}};
  for (;;) {
    if (committer_.reconnect()) {
      // A database that lacks the batch before has this one neither, and never will.
      if (!committer_.chain_open_) return settled(Fence::chain_taken, plan, void_row);
      const auto fence = committer_.store_->fence(void_row, plan.row.hash());
      if (fence) return settled(*fence, plan, void_row);
    }
    const bool abandoned = committer_.abandoned_;
    tell_unknown(abandoned);
    if (abandoned) return submissions_.clear();
    committer_.pause();
  }
}

void BatchRun::settled(Fence fence, Plan& plan, const BatchRow& void_row) {
  commit_metrics().resolved.Increment();
  log::warn("lost commit settled",
            {{"event.outcome", fence == Fence::committed ? "committed" : "void"},
             {"instapay.chain", std::int64_t{void_row.chain_id}},
             {"instapay.batch", void_row.seq},
             {"instapay.transfers", plan.transfers.size()}});
  if (fence == Fence::committed) return answer_all(plan);
  if (fence == Fence::chain_taken) {
    committer_.chain_open_ = false;
  } else {
    committer_.position_ = {void_row.chain_id, void_row.seq + 1, void_row.hash()};
  }
  std::erase_if(submissions_, [](const auto& s) { return s->completion == nullptr; });
  refuse_expired(Code::deadline_exceeded);
}

// Whoever waited long enough is told the truth: nobody knows yet. The batch stays whole, because
// its outcome will be known.
void BatchRun::tell_unknown(bool all) {
  for (auto& submission : submissions_) {
    const bool late = submission->deadline_us <= monotonic_us() || all;
    if (!late || submission->completion == nullptr) continue;
    Submissions one;
    one.push_back(std::make_unique<Submission>());
    one.back()->orders.resize(submission->orders.size());
    one.back()->completion = std::move(submission->completion);
    one.back()->reply = submission->reply;
    refuse(one, Refusal{Code::outcome_unknown});
  }
}

void BatchRun::refuse_all(const Refusal& refusal) { refuse(submissions_, refusal); }

void BatchRun::refuse_expired(Code code) {
  const std::int64_t at_us = monotonic_us();
  Submissions expired;
  std::erase_if(submissions_, [&](SubmissionPtr& submission) {
    if (submission->deadline_us > at_us) return false;
    expired.push_back(std::move(submission));
    return true;
  });
  if (!expired.empty()) refuse(expired, Refusal{code});
}

}  // namespace instapay::ledger
