#pragma once
// A batch on its way into the database, as the next one sees it that is planned on what this one
// will leave behind. Thread-safe: plan() comes before any find() (Queue hands a flight on only when
// it is planned).
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "ledger/commit/plan.h"

namespace instapay::ledger {

class Flight {
 public:
  /// The plan that is about to be written. Once.
  void plan(const Plan& plan);
  bool planned() const { return planned_; }

  /// What the batch leaves behind when it commits as planned; null for what it does not touch.
  const Account* find(const AccountId& account) const;
  const FirstAnswer* find(const OwnedKey& key) const;

  enum class State : std::uint8_t {
    in_flight,
    dropped,    // not as planned, if at all: nothing may be built on it
    landed,     // dropped, and over
    committed,  // exactly as planned, and over
  };
  /// Only what is in flight becomes committed, only what is not over becomes anything.
  void become(State state);
  State state() const { return wait(State::in_flight, 0); }
  /// What it is, once that is `least` or later, or else after `timeout_us`.
  State wait(State least, std::int64_t timeout_us) const;

 private:
  std::atomic<bool> planned_ = false;
  std::vector<Account> accounts_;  // by id
  FirstAnswers keys_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  State state_ = State::in_flight;
};

using Flights = std::vector<std::shared_ptr<Flight>>;  // in the order in which they began

}  // namespace instapay::ledger
