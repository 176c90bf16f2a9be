#include "ledger/batch.h"

#include <algorithm>

#include "ledger/rules.h"

namespace instapay::ledger {
namespace {

// One batch in the making. Atomic submissions are undone by the states saved before them.
class Planner {
 public:
  Planner(Known& known, const Limits& limits, Plan& plan)
      : known_(known), limits_(limits), plan_(plan) {}

  Outcomes run(const Submission& submission, std::int64_t now_us) {
    // A key that stands for something else refuses all of the request: nobody knows what is meant.
    if (std::ranges::any_of(submission.orders, [this](const Order& o) { return is_reused(o); }))
      return Outcomes(submission.orders.size(),
                      std::unexpected(Refusal{Code::idempotency_key_reused}));
    const std::size_t first = plan_.transfers.size();
    if (submission.atomic) saved_.clear();
    saving_ = submission.atomic;
    Outcomes outcomes;
    outcomes.reserve(submission.orders.size());
    bool refused = false;
    for (const Order& order : submission.orders) {
      outcomes.push_back(one(order, now_us));
      refused = refused || !outcomes.back();
    }
    if (submission.atomic && refused) undo(first, outcomes);
    saving_ = false;
    return outcomes;
  }

  void finish() {
    AccountIds changed;
    for (const Transfer& transfer : plan_.transfers)
      changed.insert({transfer.payer, transfer.payee});
    for (const Uuid& id : changed) plan_.changed.push_back(known_.accounts.at(id));
    for (const Uuid& id : judged_)
      if (!changed.contains(id)) plan_.relied_on.push_back(known_.accounts.at(id));
    std::ranges::sort(plan_.changed, {}, &Account::id);
    std::ranges::sort(plan_.relied_on, {}, &Account::id);
  }

 private:
  Outcome one(const Order& order, std::int64_t now_us) {
    if (order.key)
      if (const auto seen = known_.keys.find({order.payer, *order.key}); seen != known_.keys.end())
        return replay(order, seen->second);

    const auto payer = known_.accounts.find(order.payer);
    const auto payee = known_.accounts.find(order.payee);
    if (payer == known_.accounts.end()) return std::unexpected(Refusal{Code::user_not_found});
    if (payee == known_.accounts.end()) return std::unexpected(Refusal{Code::payee_not_found});

    if (order.kind == TransferKind::refund && order.amount_minor == kAllThatRemains) {
      Order exact = order;
      exact.amount_minor = remaining(order);
      if (exact.amount_minor > 0) return one(exact, now_us);
    }
    if (order.kind == TransferKind::refund)
      if (auto refusal = check_refund(order)) return refuse(order, std::move(*refusal));
    if (auto refusal = check(payer->second, payee->second, order, limits_, now_us))
      return refuse(order, std::move(*refusal));

    if (saving_) save(order);
    Transfer transfer = apply(payer->second, payee->second, order, now_us);
    transfer.position = static_cast<std::int32_t>(plan_.transfers.size());
    if (order.kind == TransferKind::refund)
      known_.refundables[{order.payer, order.refund_of}].refunded_minor += order.amount_minor;
    if (order.key) known_.keys.emplace(KeyOfPayer{order.payer, *order.key}, transfer);
    plan_.transfers.push_back(transfer);
    return transfer;
  }

  bool is_reused(const Order& order) const {
    if (!order.key) return false;
    const auto seen = known_.keys.find({order.payer, *order.key});
    return seen != known_.keys.end() && seen->second.request_hash != order.request_hash;
  }

  static Outcome replay(const Order& order, Transfer first) {
    // Within one submission: is_reused() could not know of it yet.
    if (first.request_hash != order.request_hash)
      return std::unexpected(Refusal{Code::idempotency_key_reused});
    first.replayed = true;
    return first;
  }

  Outcome refuse(const Order& order, Refusal refusal) {
    judged_.insert({order.payer, order.payee});
    plan_.refused_a_key = plan_.refused_a_key || order.key.has_value();
    return std::unexpected(std::move(refusal));
  }

  // Of the transfer that a refund gives back; zero when there is none.
  std::int64_t remaining(const Order& order) const {
    const auto found = known_.refundables.find({order.payer, order.refund_of});
    if (found == known_.refundables.end()) return 0;
    return found->second.received_minor - found->second.refunded_minor;
  }

  std::optional<Refusal> check_refund(const Order& order) const {
    const auto found = known_.refundables.find({order.payer, order.refund_of});
    if (found == known_.refundables.end()) return Refusal{Code::transaction_not_found};
    const Refundable& original = found->second;
    if (original.received_minor <= 0 || original.kind != TransferKind::transfer ||
        original.original_payer != order.payee)
      return Refusal{Code::not_refundable};
    const std::int64_t left = original.received_minor - original.refunded_minor;
    if (order.amount_minor > left || left == 0)
      return Refusal{Code::refund_exceeds_transfer, left, original.received_minor};
    return std::nullopt;
  }

  struct Saved {
    Account payer, payee;
    std::optional<KeyOfPayer> key;
    RefundKey refund;
    std::int64_t refunded_minor;
  };

  void save(const Order& order) {
    Saved saved{known_.accounts.at(order.payer), known_.accounts.at(order.payee), {}, {}, 0};
    if (order.key) saved.key = KeyOfPayer{order.payer, *order.key};
    if (order.kind == TransferKind::refund) {
      saved.refund = {order.payer, order.refund_of};
      saved.refunded_minor = known_.refundables.at(saved.refund).refunded_minor;
    }
    saved_.push_back(std::move(saved));
  }

  // Takes an atomic submission back; the orders that had passed are told batch_rejected.
  void undo(std::size_t first, Outcomes& outcomes) {
    for (auto saved = saved_.rbegin(); saved != saved_.rend(); ++saved) {
      known_.accounts[saved->payer.id] = saved->payer;
      known_.accounts[saved->payee.id] = saved->payee;
      if (saved->key) known_.keys.erase(*saved->key);
      if (saved->refund.transfer_id != Uuid{})
        known_.refundables[saved->refund].refunded_minor = saved->refunded_minor;
    }
    plan_.transfers.resize(first);
    // A replay of what happened before stays one; a replay of what is taken back here does not.
    const auto taken_back = [first](const Transfer& t) {
      return t.batch_seq == 0 && t.position >= static_cast<std::int32_t>(first);
    };
    for (auto& outcome : outcomes)
      if (outcome && taken_back(*outcome)) outcome = std::unexpected(Refusal{Code::batch_rejected});
  }

  Known& known_;
  const Limits& limits_;
  Plan& plan_;
  AccountIds judged_;  // a refusal depends on their state
  std::vector<Saved> saved_;
  bool saving_ = false;
};

}  // namespace

Plan plan_batch(std::span<const SubmissionPtr> submissions, Known known, const Limits& limits,
                const Position& position, std::int64_t now_us) {
  Plan plan;
  Planner planner(known, limits, plan);
  plan.outcomes.reserve(submissions.size());
  for (const auto& submission : submissions)
    plan.outcomes.push_back(planner.run(*submission, submission->now_us.value_or(now_us)));
  planner.finish();

  plan.leaves.reserve(plan.transfers.size());
  for (Transfer& transfer : plan.transfers) {
    transfer.chain_id = position.chain_id;
    transfer.batch_seq = position.seq;
    plan.leaves.push_back(leaf_hash(transfer, position.secret));
  }
  plan.row = {position.chain_id,
              position.seq,
              position.prev_hash,
              merkle_root(plan.leaves),
              static_cast<std::int32_t>(plan.transfers.size()),
              false,
              now_us,
              position.secret};
  // Answers name the batch too.
  for (auto& outcomes : plan.outcomes)
    for (auto& outcome : outcomes)
      if (outcome && outcome->batch_seq == 0) {
        outcome->chain_id = position.chain_id;
        outcome->batch_seq = position.seq;
      }
  return plan;
}

}  // namespace instapay::ledger
