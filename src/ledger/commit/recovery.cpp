#include "ledger/commit/recovery.h"

#include "core/limits.h"

namespace instapay::ledger {
namespace {

// Attempts of a batch whose requests change under it.
constexpr int kTogetherMax = 3;

Step step_of(const Situation& now) {
  using Kind = StoreFailure::Kind;
  switch (now.failure) {
    case Kind::conflict:
      return Step::retry_locked;
    case Kind::does_not_follow:
      // The book knew what the database does not. What was read under lock must follow: a bug.
      if (!now.locked) return Step::retry_locked;
      return now.alone ? Step::refuse : Step::split;
    case Kind::request_changed:
      // Requests are read anew by each attempt. Where many of them change at once, each payment
      // goes on alone.
      return now.alone || now.attempts < kTogetherMax ? Step::retry : Step::split;
    case Kind::duplicate_key:
      return Step::look_up_keys;
    case Kind::chain_taken:
      return Step::open_chain;
    case Kind::clock_skew:
      return now.plan_is_old ? Step::retry : Step::refuse;
    case Kind::lost:
      return now.committing ? Step::settle : Step::reconnect;
    case Kind::broken:
      return now.alone ? Step::refuse : Step::split;
    case Kind::unavailable:
    case Kind::disk_full:
    case Kind::timed_out:
    case Kind::prelude_refused:
      return Step::refuse;
  }
  return Step::refuse;
}

Code code_of(StoreFailure::Kind failure) {
  using Kind = StoreFailure::Kind;
  if (failure == Kind::unavailable) return Code::database_unavailable;
  if (failure == Kind::disk_full) return Code::storage_low;
  if (failure == Kind::timed_out) return Code::database_timeout;
  if (failure == Kind::prelude_refused) return Code::validation_failed;
  if (failure == Kind::clock_skew) return Code::clock_skew;
  return Code::internal_error;
}

// Another try, which contested accounts could want for ever.
bool is_counted(Step step) {
  return step == Step::retry || step == Step::retry_locked || step == Step::look_up_keys ||
         step == Step::open_chain;
}

}  // namespace

Recovery recover_from(const Situation& situation) {
  const Step step = step_of(situation);
  if (is_counted(step) && situation.attempts > kConflictRetriesMax)
    return {Step::refuse, Code::overloaded};
  return {step, code_of(situation.failure)};
}

}  // namespace instapay::ledger
