#include "ledger/commit/plan.h"

#include <algorithm>

#include "core/check.h"
#include "ledger/proof/leaf.h"
#include "ledger/proof/merkle.h"

namespace instapay::ledger {
namespace {

Outcomes all_refused(const Submission& submission, Code code) {
  return Outcomes(submission.orders.size(), std::unexpected(Refusal{code}));
}

// What an operator freezes or closes, and a user's own limits.
bool is_control(const Submission& submission) {
  return std::ranges::all_of(submission.orders,
                             [](const Order& order) { return order.kind == EntryKind::control; });
}

// The first answer again, order by order.
Outcomes replay(const Submission& submission, const Hash128& request,
                std::span<const Transfer> transfers, std::string_view refused_items) {
  if (request != submission.key->request)
    return all_refused(submission, Code::idempotency_key_reused);
  const auto refused = parse_refused_items(refused_items);
  if (!refused || transfers.size() + refused->size() < submission.orders.size())
    return all_refused(submission, Code::internal_error);  // the books are damaged
  Outcomes outcomes;
  auto why = refused->begin();  // in the order of the indexes, as they were written
  auto next = transfers.begin();
  for (std::size_t i = 0; i < submission.orders.size(); ++i) {
    if (why != refused->end() && why->first == i) {
      outcomes.push_back(std::unexpected((why++)->second));
    } else {
      outcomes.push_back(*next++);
      outcomes.back()->replayed = true;
    }
  }
  return outcomes;
}

// One batch in the making. Atomic submissions are undone by the states saved before them.
class Planner {
 public:
  Planner(Known& known, const Terms& terms, Plan& plan)
      : known_(known), terms_(terms), plan_(plan) {}

  Outcomes run(const Submission& submission, Time now) {
    if (auto before = find_answer(submission)) {
      plan_.replayed = true;
      return std::move(*before);
    }
    if (terms_.storage_low && !is_control(submission)) {
      plan_.refused_a_key = plan_.refused_a_key || submission.key.has_value();
      return all_refused(submission, Code::storage_low);
    }
    // All of it or nothing: the answer to a part would be kept for ever.
    if (needs_another_clock(submission, now)) return all_refused(submission, Code::clock_skew);
    const std::size_t first = plan_.transfers.size();
    saved_.clear();
    saving_ = submission.atomic;
    keyed_ = submission.key.has_value();
    Outcomes outcomes;
    outcomes.reserve(submission.orders.size());
    bool refused = false;
    for (const Order& order : submission.orders) {
      outcomes.push_back(one(order, now));
      refused = refused || !outcomes.back();
    }
    if (submission.atomic && refused) undo(first, outcomes);
    if (submission.key) write_key(*submission.key, first, outcomes);
    return outcomes;
  }

  void finish() {
    std::vector<AccountId> changed, settings;
    for (const Transfer& transfer : plan_.transfers) {
      changed.push_back(transfer.payer);
      if (!is_one_sided(transfer.kind)) changed.push_back(transfer.payee);
      if (transfer.kind == EntryKind::control) settings.push_back(transfer.payer);
    }
    make_ordered_set(changed);
    make_ordered_set(settings);
    plan_.changed = states_of(changed);
    plan_.settings = states_of(settings);
    make_ordered_set(judged_);
    std::erase_if(judged_, [&](const AccountId& id) {
      return std::ranges::binary_search(changed, id) || !known_.accounts.contains(id);
    });
    plan_.relied_on = states_of(judged_);
  }

 private:
  // Accounts whose day is not known (rules.h): only where clocks were wrong, so it is looked for
  // once.
  bool needs_another_clock(const Submission& submission, Time now) const {
    bool needs = false;
    for_each_account(submission, [&](const AccountId& id) {
      const auto account = known_.accounts.find(id);
      needs = needs || (account != known_.accounts.end() && !knows_day_of(account->second, now));
    });
    return needs;
  }

  std::optional<Outcomes> find_answer(const Submission& submission) const {
    if (!submission.key) return std::nullopt;
    const OwnedKey key = owned(*submission.key);
    if (const auto seen = known_.keys.find(key); seen != known_.keys.end())
      return replay(submission, seen->second.request, seen->second.transfers,
                    seen->second.refused_items);
    if (const auto written = written_.find(key); written != written_.end()) {
      const WrittenKey& here = plan_.keys[written->second];
      return replay(submission, here.key.request,
                    std::span(plan_.transfers).subspan(here.first, here.count),
                    plan_.transfers[here.first].refused_items);
    }
    return std::nullopt;
  }

  // The key stands with the first transfer of its request. Of a request that was refused as a whole
  // nothing is written: its key stays free.
  void write_key(const RequestKey& key, std::size_t first, Outcomes& outcomes) {
    const std::size_t count = plan_.transfers.size() - first;
    if (count == 0) {
      plan_.refused_a_key = true;
      return;
    }
    Transfer& bearer = plan_.transfers[first];
    bearer.key = key;
    if (count < outcomes.size()) bearer.refused_items = format_refused_items(outcomes);
    CHECK(principal_of(bearer) == key.principal);
    Transfer& told =
        **std::ranges::find_if(outcomes, [](const Outcome& o) { return o.has_value(); });
    told.key = bearer.key;
    told.refused_items = bearer.refused_items;
    written_.emplace(owned(key), plan_.keys.size());
    plan_.keys.push_back({key, first, count});
  }

  Outcome one(const Order& order, Time now) {
    if (order.refused)
      return refuse(order, Refusal{.code = *order.refused, .pin_is_enough = order.pin_is_enough});
    const auto payer = known_.accounts.find(order.payer);
    if (payer == known_.accounts.end()) return std::unexpected(Refusal{Code::user_not_found});
    if (order.kind == EntryKind::control) return one_sided(payer->second, order, now);

    const auto payee = known_.accounts.find(order.payee);
    if (payee == known_.accounts.end()) return std::unexpected(Refusal{Code::payee_not_found});
    if (order.kind == EntryKind::hold) {
      // Nothing could be captured.
      if (order.payer != order.payee && payee->second.status != AccountStatus::active)
        return refuse(order, Refusal{Code::receiver_unavailable});
      // A payment would run into the payee's next entry; a hold has none of the payee's.
      judged_.push_back(order.payee);
      return one_sided(payer->second, order, now);
    }
    if (needs_hold(order)) return of_hold(payer->second, payee->second, order, now);
    if (order.kind == EntryKind::refund && order.amount == kAllThatRemains) {
      Order exact = order;
      exact.amount = remaining(order);
      if (exact.amount > Amount{0}) return one(exact, now);
    }
    const bool may_be_all =
        order.kind == EntryKind::adjustment || (order.kind == EntryKind::transfer && order.all);
    if (may_be_all && order.amount == kAllThatRemains) {
      Order exact = order;
      exact.amount = payer->second.available();
      if (exact.amount > Amount{0}) return one(exact, now);
      judged_.push_back(order.payer);
      return Transfer{.payer = order.payer, .kind = order.kind};  // nothing to move
    }
    if (order.kind == EntryKind::refund)
      if (auto refusal = check_refund(order)) return refuse(order, std::move(*refusal));
    if (pays_request(order))
      if (auto refusal = check_request(order, time_of(payer->second, payee->second, now)))
        return refuse(order, std::move(*refusal));
    if (auto refusal = check(payer->second, payee->second, order, terms_.limits, now))
      return refuse(order, std::move(*refusal));

    if (saving_) save(order);
    Transfer transfer = apply(payer->second, payee->second, order, now);
    if (order.kind == EntryKind::refund)
      known_.refundables[{order.payer, order.refund_of}].refunded += order.amount;
    if (pays_request(order)) pay(known_.payables[order.reference], order.reference);
    return accept(std::move(transfer));
  }

  // A capture or a release. What is known of the hold is as old as the payer's state, or newer: who
  // has changed it since has also written the payer's next entry, which this one runs into.
  Outcome of_hold(Account& payer, Account& payee, const Order& order, Time now) {
    const auto found = known_.holds.find(order.reference);
    if (found == known_.holds.end()) return refuse(order, Refusal{Code::hold_not_found});
    Hold& hold = found->second;
    const bool pays = order.kind == EntryKind::capture;
    const Time time = pays ? time_of(payer, payee, now) : time_of(payer, payer, now);
    if (auto refusal = check(hold, order, time, payee.status == AccountStatus::closed))
      return refuse(order, std::move(*refusal));
    const Order exact = exact_order(hold, order);
    if (auto refusal = pays ? check(payer, payee, exact, terms_.limits, now)
                            : check(payer, exact, terms_.limits, now))
      return refuse(order, std::move(*refusal));
    if (saving_) save(order);
    Transfer transfer = pays ? apply(payer, payee, exact, now) : apply(payer, exact, now);
    settle(hold, transfer);
    return accept(std::move(transfer));
  }

  Outcome one_sided(Account& account, const Order& order, Time now) {
    // Under a key it is written all the same: the key has an answer then.
    if (order.kind == EntryKind::control && !keyed_ && !changes_anything(account, order)) {
      judged_.push_back(account.id);
      return Transfer{.payer = account.id, .kind = EntryKind::control};  // nothing to write
    }
    if (auto refusal = check(account, order, terms_.limits, now))
      return refuse(order, std::move(*refusal));
    if (saving_) save(order);
    return accept(apply(account, order, now));
  }

  Outcome accept(Transfer transfer) {
    transfer.place.position = static_cast<std::int32_t>(plan_.transfers.size());
    plan_.transfers.push_back(transfer);
    return transfer;
  }

  Outcome refuse(const Order& order, Refusal refusal) {
    judged_.push_back(order.payer);
    if (!order.refused) judged_.push_back(order.payee);
    if (refusal.code == Code::unverified_limit_exceeded)
      plan_.refused_unverified.push_back(order.payer);
    return std::unexpected(std::move(refusal));
  }

  std::vector<Account> states_of(const std::vector<AccountId>& ids) const {
    std::vector<Account> states;
    states.reserve(ids.size());
    for (const AccountId& id : ids) states.push_back(known_.accounts.at(id));
    return states;
  }

  // Of the transfer that a refund gives back; zero when there is none.
  Amount remaining(const Order& order) const {
    const auto found = known_.refundables.find({order.payer, order.refund_of});
    if (found == known_.refundables.end()) return {};
    return found->second.received - found->second.refunded;
  }

  std::optional<Refusal> check_refund(const Order& order) const {
    const auto found = known_.refundables.find({order.payer, order.refund_of});
    if (found == known_.refundables.end()) return Refusal{Code::transaction_not_found};
    const Refundable& original = found->second;
    if (!is_payment(original.kind) || original.original_payer != order.payee)
      return Refusal{Code::not_refundable};
    const Amount left = original.received - original.refunded;
    if (order.amount > left || left == Amount{0})
      return Refusal{Code::refund_exceeds_transfer, left, original.received};
    return std::nullopt;
  }

  std::optional<Refusal> check_request(const Order& order, Time time) const {
    const auto found = known_.payables.find(order.reference);
    if (found == known_.payables.end()) return Refusal{Code::request_not_found};
    return check(found->second, order, time);
  }

  struct Saved {
    std::vector<Account> accounts;
    RefundKey refund;
    Amount refunded;
    Uuid request;
    Payable payable;
    Uuid hold_id;
    Hold hold;
  };

  void save(const Order& order) {
    Saved saved{.accounts = {known_.accounts.at(order.payer)}};
    if (!is_one_sided(order.kind)) saved.accounts.push_back(known_.accounts.at(order.payee));
    if (order.kind == EntryKind::refund) {
      saved.refund = {order.payer, order.refund_of};
      saved.refunded = known_.refundables.at(saved.refund).refunded;
    }
    if (pays_request(order)) {
      saved.request = order.reference;
      saved.payable = known_.payables.at(order.reference);
    }
    if (needs_hold(order)) {
      saved.hold_id = order.reference;
      saved.hold = known_.holds.at(order.reference);
    }
    saved_.push_back(std::move(saved));
  }

  // Takes an atomic submission back; the orders that had passed are told batch_rejected.
  void undo(std::size_t first, Outcomes& outcomes) {
    for (auto saved = saved_.rbegin(); saved != saved_.rend(); ++saved) {
      for (const Account& account : saved->accounts) known_.accounts[account.id] = account;
      if (saved->refund.transfer_id != Uuid{})
        known_.refundables[saved->refund].refunded = saved->refunded;
      if (saved->request != Uuid{}) known_.payables[saved->request] = saved->payable;
      if (saved->hold_id != Uuid{}) known_.holds[saved->hold_id] = saved->hold;
    }
    plan_.transfers.resize(first);
    for (auto& outcome : outcomes)
      if (outcome) outcome = std::unexpected(Refusal{Code::batch_rejected});
  }

  Known& known_;
  const Terms& terms_;
  Plan& plan_;
  std::vector<AccountId> judged_;  // a refusal or a hold depends on their state
  boost::unordered_flat_map<OwnedKey, std::size_t, OwnedKeyHash> written_;  // of plan_.keys
  std::vector<Saved> saved_;
  bool saving_ = false;
  bool keyed_ = false;  // the submission at hand has a key
};

}  // namespace

Plan plan_batch(std::span<const SubmissionPtr> submissions, Known known, const Terms& terms,
                const Position& position, Time now) {
  Plan plan;
  Planner planner(known, terms, plan);
  plan.outcomes.reserve(submissions.size());
  for (const auto& submission : submissions)
    plan.outcomes.push_back(planner.run(*submission, submission->now.value_or(now)));
  planner.finish();

  plan.leaves.reserve(plan.transfers.size());
  for (Transfer& transfer : plan.transfers) {
    transfer.place.chain_id = position.chain_id;
    transfer.place.batch_seq = position.seq;
    plan.leaves.push_back(leaf_hash(transfer, terms.currency, position.secret));
  }
  plan.row = {position.chain_id,
              position.seq,
              position.prev_hash,
              merkle_root(plan.leaves),
              static_cast<std::int32_t>(plan.transfers.size()),
              false,
              now,
              position.secret};
  // Answers name the batch too.
  for (auto& outcomes : plan.outcomes)
    for (auto& outcome : outcomes)
      if (outcome && outcome->place.batch_seq == 0 && outcome->id != Uuid{}) {
        outcome->place.chain_id = position.chain_id;
        outcome->place.batch_seq = position.seq;
      }
  return plan;
}

}  // namespace instapay::ledger
