#pragma once
// What a handler hands to the ledger, and gets back.
#include <memory>

#include "async/mailbox.h"
#include "ledger/types.h"
#include "pg/connection.h"

namespace instapay::ledger {

struct Submission {
  std::vector<Order> orders;
  bool atomic = false;  // all of the orders or none
  /// One statement that runs in the same transaction before the money moves, so that, say, a new
  /// wallet and its opening grant appear together or not at all. When it violates a constraint,
  /// nothing happens and every outcome is a Refusal that names the constraint.
  std::optional<pg::Connection::Step> prelude;
  std::int64_t deadline_us = 0;             // monotonic_us(); not begun after it
  std::optional<std::int64_t> now_us = {};  // instead of the clock (seeding history)

  CompletionPtr<Outcomes> completion;
  Mailbox<Outcomes>* reply = nullptr;

  std::size_t weight() const { return orders.size(); }
};

using SubmissionPtr = std::unique_ptr<Submission>;
using Submissions = std::vector<SubmissionPtr>;

}  // namespace instapay::ledger
