#include "ledger/queue.h"

#include <algorithm>
#include <chrono>

namespace instapay::ledger {

bool Queue::push(SubmissionPtr& submission) {
  bool wake;
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || depth_ + submission->weight() > max_transfers_) return false;
    depth_ += submission->weight();
    // What shares an account with a batch in flight is woken for by release().
    wake = !touches(*submission, held_) && blocked_weight_ < scan_max();
    waiting_.push_back(std::move(submission));
  }
  if (wake) ready_.notify_one();
  return true;
}

bool Queue::touches(const Submission& submission, const AccountIds& accounts) {
  return !accounts.empty() && std::ranges::any_of(submission.orders, [&](const Order& order) {
    return accounts.contains(order.payer) || accounts.contains(order.payee);
  });
}

void Queue::look_again() {
  blocked_ = blocked_weight_ = 0;
  reserved_.clear();
}

void Queue::collect(Batch& batch) {
  AccountIds mine;
  std::size_t weight = 0, kept = blocked_;
  auto at = waiting_.begin() + static_cast<std::ptrdiff_t>(blocked_);
  for (; at != waiting_.end() && blocked_weight_ < scan_max(); ++at) {
    Submission& submission = **at;
    const bool fits = batch.submissions.empty() || weight + submission.weight() <= max_batch_;
    if (!fits) break;
    // A prelude runs alone: when it is refused, nothing else has to be done again.
    const bool alone = submission.prelude.has_value();
    if (touches(submission, held_) || touches(submission, reserved_)) {
      blocked_weight_ += submission.weight();
      for (const Order& order : submission.orders) reserved_.insert({order.payer, order.payee});
      std::swap(waiting_[kept++], *at);  // keeps the order of what stays
      continue;
    }
    if (alone && !batch.submissions.empty()) break;
    weight += submission.weight();
    for (const Order& order : submission.orders) mine.insert({order.payer, order.payee});
    batch.submissions.push_back(std::move(*at));
    if (alone) {
      ++at;
      break;
    }
  }
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(kept), at);
  blocked_ = kept;
  depth_ -= weight;
  batch.accounts.assign(mine.begin(), mine.end());
  std::ranges::sort(batch.accounts);
  held_.insert(mine.begin(), mine.end());
}

Queue::Batch Queue::take(std::int64_t wait_us) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(wait_us);
  Batch batch;
  std::unique_lock lock(mutex_);
  for (bool late = false;; late = ready_.wait_until(lock, until) == std::cv_status::timeout) {
    collect(batch);
    if (!batch.submissions.empty()) break;
    if (late || (closed_ && waiting_.empty())) return batch;
  }
  ++in_flight_batches_;
  if (blocked_ < waiting_.size()) ready_.notify_one();  // there may be work for another one
  return batch;
}

void Queue::release(const Batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    for (const Uuid& id : batch.accounts) held_.erase(id);
    --in_flight_batches_;
    look_again();
  }
  ready_.notify_all();
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
  return closed_ && waiting_.empty() && in_flight_batches_ == 0;
}

}  // namespace instapay::ledger
