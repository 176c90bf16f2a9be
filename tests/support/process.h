#pragma once
// A process of the model tests: queue, account book and committers as ledger::Ledger has them, over
// FaultyStores. Counts answers: every submission must get exactly one.
#include <atomic>
#include <condition_variable>
#include <thread>

#include "async/mailbox.h"
#include "core/time.h"
#include "ledger/commit/committer.h"
#include "support/faulty_store.h"

namespace instapay::testing {

/// Where the answer to one submission arrives.
class Reply {
 public:
  void answer(Outcomes outcomes) {
    const std::lock_guard lock(mutex_);
    outcomes_ = std::move(outcomes);
    ++answers_;
    arrived_.notify_all();
  }
  void drop() {
    const std::lock_guard lock(mutex_);
    dropped_ = true;
    arrived_.notify_all();
  }
  /// nullopt: dropped without an answer, or none within the time.
  std::optional<Outcomes> wait() {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(20), [&] { return answers_ > 0 || dropped_; });
    return answers_ == 1 ? std::optional(outcomes_) : std::nullopt;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  Outcomes outcomes_;
  int answers_ = 0;
  bool dropped_ = false;
};

class ReplyCompletion final : public Completion<Outcomes> {
 public:
  explicit ReplyCompletion(std::shared_ptr<Reply> reply) : reply_(std::move(reply)) {}
  ~ReplyCompletion() override {
    if (!completed_) reply_->drop();
  }
  void complete(Outcomes outcomes) override {
    completed_ = true;
    reply_->answer(std::move(outcomes));
  }

 private:
  std::shared_ptr<Reply> reply_;
  bool completed_ = false;
};

class Process {
 public:
  Process(Bank& bank, FaultPlan& plan, int committers, std::size_t batch_max,
          std::chrono::microseconds writing = {})
      : queue_(64, batch_max), book_(1'000), mailbox_(io_), work_(io_.get_executor()) {
    threads_.emplace_back([this] { io_.run(); });
    for (int i = 0; i < committers; ++i) {
      committers_.push_back(std::make_unique<Committer>(
          queue_, book_, room_, std::make_unique<FaultyStore>(bank, plan, writing),
          Terms{.currency = std::string(kCurrency)}));
      threads_.emplace_back([this, committer = committers_.back().get()] {
        try {
          committer->run();
        } catch (const std::exception& exception) {
          const std::lock_guard lock(mutex_);
          bug_ = exception.what();
        }
        if (++returned_ == committers_.size()) queue_.close();
      });
    }
  }
  ~Process() { stop(); }

  /// As Ledger::submit: an answer of overloaded or shutting_down when the queue does not take it.
  Outcomes submit(SubmissionPtr submission) {
    const std::size_t size = submission->orders.size();
    auto reply = std::make_shared<Reply>();
    submission->completion = std::make_unique<ReplyCompletion>(reply);
    submission->reply = &mailbox_;
    if (!queue_.push(submission)) {
      const Code code = queue_.closed() ? Code::shutting_down : Code::overloaded;
      return Outcomes(size, std::unexpected(Refusal{code}));
    }
    if (auto outcomes = reply->wait()) return std::move(*outcomes);
    const std::lock_guard lock(mutex_);
    throw std::logic_error("a submission without exactly one answer " + bug_);
  }

  void close() { queue_.close(); }
  void abandon() {
    for (const auto& committer : committers_) committer->abandon();
  }

  /// Finishes what is queued.
  void stop() {
    if (threads_.empty()) return;
    queue_.close();
    for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
    asio::post(io_, [this] { work_.reset(); });
    threads_.clear();
  }

 private:
  Queue queue_;
  AccountBook book_;
  Room room_;
  asio::io_context io_;
  Mailbox<Outcomes> mailbox_;
  asio::executor_work_guard<Executor> work_;
  std::vector<std::unique_ptr<Committer>> committers_;
  std::atomic<std::size_t> returned_ = 0;
  std::mutex mutex_;
  std::string bug_;
  std::vector<std::jthread> threads_;
};

}  // namespace instapay::testing
