#include "ledger/commit/committer.h"

#include <algorithm>
#include <limits>
#include <thread>

#include "core/time.h"
#include "ledger/commit/answer.h"
#include "ledger/commit/batch_run.h"
#include "ledger/commit/commit_metrics.h"
#include "telemetry/log.h"

namespace instapay::ledger {
namespace {

constexpr std::int64_t kTakeWait_us = 100'000;
constexpr std::int64_t kPause_us = 50'000;
constexpr std::int64_t kClockEvery_us = 1'000'000;
constexpr int kCautionMax = 64;

}  // namespace

void Caution::conflicted() {
  level_ = std::min(std::max(1, level_ * 2), kCautionMax);
  batches_ = level_;
}

Committer::Committer(Queue& queue, AccountBook& book, Room& room, std::unique_ptr<Store> store,
                     Terms terms, Notifier* notifier)
    : queue_(queue),
      book_(book),
      room_(room),
      store_(std::move(store)),
      terms_(std::move(terms)),
      notifier_(notifier) {}

void Committer::pause() { std::this_thread::sleep_for(std::chrono::microseconds(kPause_us)); }

bool Committer::ready() {
  if (!reconnect() || !check_clock()) return false;
  if (chain_open_) return true;
  const auto chain = store_->open_chain(terms_.currency);
  if (!chain) return false;
  position_ = {*chain, 1, genesis_hash(*chain)};
  chain_open_ = true;
  return true;
}

// After a failover this may be a standby that lacks what was committed, where numbers repeat.
bool Committer::reconnect() {
  const auto connected = store_->connect();
  if (connected == Store::Connected::no) return false;
  if (connected == Store::Connected::anew) {
    book_.clear();
    clock_due_us_ = 0;
    chain_checked_ = false;
  }
  if (!chain_checked_) chain_checked_ = check_chain();
  return chain_checked_;
}

// False when the database cannot be asked.
bool Committer::check_chain() {
  if (!chain_open_ || position_.seq == 1) return true;
  const auto there =
      store_->has_batch({position_.chain_id, position_.seq - 1, position_.prev_hash});
  if (!there) return false;
  if (*there) return true;
  commit_metrics().went_back.Increment();
  log::error("the database went back: it lacks a batch that was committed; run `instapay audit`",
             {{"instapay.chain", std::int64_t{position_.chain_id}},
              {"instapay.batch", position_.seq - 1}});
  chain_open_ = false;
  return true;
}

// Compared once a second; false when the database cannot be asked.
bool Committer::check_clock() {
  const std::int64_t asked_us = monotonic_us();
  if (asked_us < clock_due_us_) return true;
  const std::int64_t before_us = now_us();
  const auto clock = store_->clock();
  if (!clock) return false;
  clock_due_us_ = asked_us + kClockEvery_us;
  const std::int64_t offset_us = clock->us - (before_us + now_us()) / 2;
  commit_metrics().clock_offset.Set(static_cast<double>(offset_us) / 1e6);
  const bool right = std::abs(offset_us) <= kClockTolerance_us;
  if (clock_is_right_.exchange(right) != right) {
    if (right) {
      log::info("our clock and the database's agree again", {});
    } else {
      log::error("our clock and the database's are too far apart: nothing is written",
                 {{"instapay.clock_offset_us", offset_us}});
    }
  }
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
    // Nobody is refused for what may be right again.
    if (!clock_is_right_) {
      clock_due_us_ = 0;
      check_clock();
    }
    if (clock_is_right_) {
      BatchRun(*this, batch.flight, std::move(batch.basis), std::move(batch.submissions)).run();
    } else {
      refuse(batch.submissions, Refusal{Code::clock_skew});
    }
    batch.flight->become(Flight::State::landed);
    queue_.release(batch);
  }
  if (!abandoned_) return;
  auto rest = queue_.take_expired(std::numeric_limits<std::int64_t>::max());
  refuse(rest, Refusal{Code::shutting_down});
}

}  // namespace instapay::ledger
