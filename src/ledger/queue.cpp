#include "ledger/queue.h"

#include <algorithm>
#include <chrono>

namespace instapay::ledger {

bool Queue::push(SubmissionPtr& submission) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || depth_ + submission->weight() > max_transfers_) return false;
    depth_ += submission->weight();
    waiting_.push_back(std::move(submission));
  }
  ready_.notify_one();
  return true;
}

bool Queue::startable(const Submission& submission) const {
  return held_.empty() || std::ranges::none_of(submission.orders, [this](const Order& order) {
           return held_.contains(order.payer) || held_.contains(order.payee);
         });
}

void Queue::collect(Batch& batch) {
  // How far past what is blocked a batch may look, so that a long queue costs no more to scan.
  const std::size_t scan_max = 2 * max_batch_;
  std::unordered_set<Uuid> mine;
  std::size_t weight = 0, scanned = 0, kept = 0;
  auto at = waiting_.begin();
  for (; at != waiting_.end() && scanned < scan_max; ++at, ++scanned) {
    Submission& submission = **at;
    const bool fits = batch.submissions.empty() || weight + submission.weight() <= max_batch_;
    if (!fits) break;
    // A prelude runs alone: when it is refused, nothing else has to be done again.
    const bool alone = submission.prelude.has_value();
    if (!startable(submission) || (alone && !batch.submissions.empty())) {
      std::swap(waiting_[kept++], *at);  // keeps the order of what stays
      continue;
    }
    weight += submission.weight();
    for (const Order& order : submission.orders) mine.insert({order.payer, order.payee});
    batch.submissions.push_back(std::move(*at));
    if (alone) {
      ++at;
      break;
    }
  }
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(kept), at);
  depth_ -= weight;
  batch.accounts.assign(mine.begin(), mine.end());
  std::ranges::sort(batch.accounts);
  held_.merge(mine);
}

Queue::Batch Queue::take(std::int64_t wait_us) {
  Batch batch;
  std::unique_lock lock(mutex_);
  const auto may_start = [this] {
    return std::ranges::any_of(waiting_, [this](const auto& s) { return startable(*s); });
  };
  if (!ready_.wait_for(lock, std::chrono::microseconds(wait_us),
                       [&] { return may_start() || (closed_ && waiting_.empty()); }))
    return batch;
  collect(batch);
  if (!batch.submissions.empty()) ++in_flight_batches_;
  return batch;
}

void Queue::release(const Batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    for (const Uuid& id : batch.accounts) held_.erase(id);
    --in_flight_batches_;
  }
  ready_.notify_all();
}

std::vector<SubmissionPtr> Queue::take_expired(std::int64_t now_us) {
  std::vector<SubmissionPtr> expired;
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [&](SubmissionPtr& submission) {
    if (submission->deadline_us > now_us) return false;
    depth_ -= submission->weight();
    expired.push_back(std::move(submission));
    return true;
  });
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
