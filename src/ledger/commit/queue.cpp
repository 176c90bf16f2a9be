#include "ledger/commit/queue.h"

#include <algorithm>
#include <chrono>

#include "ledger/domain/hold.h"
#include "ledger/domain/payable.h"

namespace instapay::ledger {
namespace {

bool touches(const Submission& submission, const auto& accounts) {
  bool found = false;
  if (accounts.empty()) return false;
  for_each_account(submission,
                   [&](const AccountId& id) { found = found || accounts.contains(id); });
  return found;
}

// A prelude runs in the transaction that writes; what was refunded and what became of a request or
// a hold is read when nothing is under way; control entries lock the rows of their accounts.
bool can_be_planned_ahead(const Submission& submission) {
  return !submission.prelude && std::ranges::none_of(submission.orders, [](const Order& order) {
    return order.kind == EntryKind::refund || order.kind == EntryKind::control ||
           pays_request(order) || needs_hold(order);
  });
}

}  // namespace

bool Queue::push(SubmissionPtr& submission) {
  bool wake;
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || depth_ + submission->weight() > max_transfers_) return false;
    depth_ += submission->weight();
    // A submission that shares an account with a batch in flight needs no wake-up now: release() or
    // planned() will wake a committer for it.
    wake = !touches(*submission, held_) && blocked_weight_ < scan_max();
    waiting_.push_back(std::move(submission));
    wake = wake || may_plan_ahead();
  }
  if (wake) ready_.notify_one();
  return true;
}

void Queue::look_again() {
  blocked_ = blocked_weight_ = 0;
  reserved_.clear();
}

void Queue::take_out(SubmissionPtr& submission, Batch& batch, std::size_t& weight) {
  weight += submission->weight();
  depth_ -= submission->weight();
  for_each_account(*submission, [&](const AccountId& id) { batch.accounts.push_back(id); });
  batch.submissions.push_back(std::move(submission));
}

void Queue::collect(Batch& batch) {
  std::size_t weight = 0, kept = blocked_;
  auto at = waiting_.begin() + static_cast<std::ptrdiff_t>(blocked_);
  for (; at != waiting_.end() && blocked_weight_ < scan_max(); ++at) {
    Submission& submission = **at;
    const bool fits = batch.submissions.empty() || weight + submission.weight() <= max_batch_;
    if (!fits) break;
    // A prelude runs alone: when it is refused, nothing else has to be done again.
    const bool alone = submission.prelude != nullptr;
    if (touches(submission, held_) || touches(submission, reserved_)) {
      blocked_weight_ += submission.weight();
      for_each_account(submission, [&](const AccountId& id) { reserved_.insert(id); });
      std::swap(waiting_[kept++], *at);  // keeps the order of what stays
      continue;
    }
    if (alone && !batch.submissions.empty()) break;
    take_out(*at, batch, weight);
    if (alone) {
      ++at;
      break;
    }
  }
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(kept), at);
  blocked_ = kept;
}

bool Queue::may_plan_ahead() const {
  const auto can_be_built_on = [](const auto& flight) {
    const Flight::State state = flight->state();
    return flight->planned() && state != Flight::State::dropped && state != Flight::State::landed;
  };
  return depth_ >= max_batch_ && !waiting_.empty() && !in_flight_.empty() &&
         std::ranges::all_of(in_flight_, can_be_built_on) &&
         can_be_planned_ahead(*waiting_.front());
}

void Queue::collect_ahead(Batch& batch) {
  // Nothing is free, so what is taken comes from those that are known to be blocked.
  std::size_t weight = 0;
  while (!waiting_.empty() && can_be_planned_ahead(*waiting_.front()) &&
         (batch.submissions.empty() || weight + waiting_.front()->weight() <= max_batch_)) {
    take_out(waiting_.front(), batch, weight);
    waiting_.pop_front();
    --blocked_;
  }
  blocked_weight_ -= weight;
  batch.basis = in_flight_;
}

void Queue::hold(Batch& batch) {
  make_ordered_set(batch.accounts);
  for (const AccountId& id : batch.accounts) ++held_[id];
  batch.flight = std::make_shared<Flight>();
  in_flight_.push_back(batch.flight);
}

Queue::Batch Queue::take(std::int64_t wait_us) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(wait_us);
  Batch batch;
  std::unique_lock lock(mutex_);
  for (bool late = false;; late = ready_.wait_until(lock, until) == std::cv_status::timeout) {
    collect(batch);
    if (batch.submissions.empty() && may_plan_ahead()) collect_ahead(batch);
    if (!batch.submissions.empty()) break;
    if (late || (closed_ && waiting_.empty())) return batch;
  }
  hold(batch);
  if (blocked_ < waiting_.size()) ready_.notify_one();  // there may be work for another one
  return batch;
}

void Queue::release(const Batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    for (const AccountId& id : batch.accounts)
      if (const auto held = held_.find(id); --held->second == 0) held_.erase(held);
    std::erase(in_flight_, batch.flight);
    look_again();
  }
  ready_.notify_all();
}

bool Queue::has_full_batch() const {
  const std::lock_guard lock(mutex_);
  return depth_ >= max_batch_;
}

void Queue::planned() {
  {
    const std::lock_guard lock(mutex_);
  }  // between somebody's look and their sleep
  ready_.notify_one();
}

Submissions Queue::take_expired(std::int64_t now_us) {
  Submissions expired;
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](SubmissionPtr& submission) {
    if (submission->deadline_us > now_us) return false;
    depth_ -= submission->weight();
    expired.push_back(std::move(submission));
    return true;
  });
  look_again();
  return expired;
}

void Queue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  ready_.notify_all();
}

bool Queue::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::size_t Queue::depth() const {
  const std::lock_guard lock(mutex_);
  return depth_;
}

bool Queue::drained() const {
  const std::lock_guard lock(mutex_);
  return closed_ && waiting_.empty() && in_flight_.empty();
}

}  // namespace instapay::ledger
