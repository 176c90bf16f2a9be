#pragma once
// What a handler hands to the ledger, and gets back.
#include <memory>

#include "async/mailbox.h"
#include "ledger/domain/transfer.h"
#include "telemetry/trace.h"

namespace instapay::ledger {

/// A statement that runs in the same transaction before the money moves, so that, say, a new wallet
/// and its opening grant appear together or not at all. The store knows what it is. When it
/// violates a constraint, nothing happens and every outcome is a Refusal that names the constraint.
class Prelude {
 public:
  virtual ~Prelude() = default;
};

/// One request: one order or many.
struct Submission {
  std::vector<Order> orders;
  bool atomic = false;            // all of the orders or none
  std::optional<RequestKey> key;  // with many orders, all of one payer
  std::unique_ptr<Prelude> prelude;
  std::int64_t deadline_us = 0;  // monotonic_us(); not begun after it
  std::optional<Time> now = {};  // instead of the clock (seeding history)
  trace::Context span = {};      // of the request
  Time queued = {};              // when its spans are sampled

  CompletionPtr<Outcomes> completion;
  Mailbox<Outcomes>* reply = nullptr;

  std::size_t weight() const { return orders.size(); }
};

using SubmissionPtr = std::unique_ptr<Submission>;
using Submissions = std::vector<SubmissionPtr>;

/// Calls `each` with every account that the submission needs.
void for_each_account(const Submission& submission, const auto& each) {
  for (const Order& order : submission.orders) {
    each(order.payer);
    // Of a payee that nobody knows there is no account, nor of who only gives an order.
    if (!order.refused && order.kind != EntryKind::control) each(order.payee);
  }
}

}  // namespace instapay::ledger
