// The rules and the planner against a model of a few lines: balances, a list of what happened.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <tuple>

#include "core/time.h"
#include "ledger/batch.h"
#include "support/generate.h"

namespace instapay::ledger {
namespace {

using testing::any_in;

constexpr int kWallets = 4;
constexpr std::int64_t kStart_minor = 100, kLimit_minor = 60, kDaily_minor = 90;
// Before it all every wallet has paid every other, and got a part of it back.
constexpr std::int64_t kPaid_minor = 50, kGivenBack_minor = 10;
constexpr std::int64_t kNow_us = 20'000 * kDay_us;

struct Wish {
  int payer = 0, payee = 0;
  std::int64_t amount_minor = 1;
  int key = 0;          // 0: none
  bool refund = false;  // gives back what `payee` paid `payer` before
};

std::ostream& operator<<(std::ostream& out, const Wish& w) {
  return out << w.payer << (w.refund ? "=>" : "->") << w.payee << ':' << w.amount_minor << " key "
             << w.key;
}

Uuid wallet(int index) { return Uuid::reserved(static_cast<std::uint8_t>(16 + index)); }
Uuid paid_before(int by, int to) {
  return Uuid::reserved(static_cast<std::uint8_t>(100 + kWallets * by + to));
}

// What one order after the other would do, in plain words.
class Model {
 public:
  std::string one(const Wish& w) {
    if (w.key != 0) {
      const auto seen = keys_.find({w.payer, w.key});
      if (seen != keys_.end()) return seen->second == what(w) ? "replay" : "idempotency_key_reused";
    }
    std::int64_t amount = w.amount_minor;
    if (w.refund) {
      if (w.payer == w.payee) return "transaction_not_found";
      const std::int64_t left = kPaid_minor - kGivenBack_minor - given_back_[{w.payer, w.payee}];
      if (amount == kAllThatRemains) amount = left;
      if (amount > left || left == 0) return "refund_exceeds_transfer";
    } else {
      if (w.payer == w.payee) return "self_transfer";
      if (amount > kLimit_minor) return "transfer_limit_exceeded";
      if (sent[w.payer] + amount > kDaily_minor) return "daily_limit_exceeded";
    }
    if (balance(w.payer) < amount) return "insufficient_funds";
    moved[w.payer] -= amount;
    moved[w.payee] += amount;
    (w.refund ? given_back_[{w.payer, w.payee}] : sent[w.payer]) += amount;
    if (w.key != 0) keys_.emplace(std::pair(w.payer, w.key), what(w));
    return "ok";
  }
  std::vector<std::string> all(const std::vector<Wish>& wishes, bool atomic) {
    const Model before = *this;
    for (const Wish& w : wishes)
      if (w.key != 0 && reused(w))
        return std::vector<std::string>(wishes.size(), "idempotency_key_reused");
    std::vector<std::string> words;
    bool refused = false;
    for (const Wish& w : wishes) {
      words.push_back(one(w));
      refused = refused || (words.back() != "ok" && words.back() != "replay");
    }
    if (!atomic || !refused) return words;
    // None of it happened; what had happened before is replayed still.
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool before_it = before.keys_.contains({wishes[i].payer, wishes[i].key});
      if (words[i] == "ok" || (words[i] == "replay" && !before_it)) words[i] = "batch_rejected";
    }
    *this = before;
    return words;
  }
  std::int64_t balance(int wallet) { return kStart_minor + moved[wallet]; }

  std::map<int, std::int64_t> moved, sent;

 private:
  using What = std::tuple<int, std::int64_t, bool>;
  static What what(const Wish& w) { return {w.payee, w.amount_minor, w.refund}; }
  bool reused(const Wish& w) const {
    const auto seen = keys_.find({w.payer, w.key});
    return seen != keys_.end() && seen->second != what(w);
  }
  std::map<std::pair<int, int>, What> keys_;
  std::map<std::pair<int, int>, std::int64_t> given_back_;
};

Order order_of(const Wish& w) {
  Order order{.payer = wallet(w.payer), .payee = wallet(w.payee), .amount_minor = w.amount_minor};
  if (w.refund) {
    order.kind = TransferKind::refund;
    order.refund_of = paid_before(w.payee, w.payer);
  }
  if (w.key != 0) order.key = Hash128{static_cast<std::uint8_t>(w.key)};
  order.request_hash = sha256_half(std::to_string(w.payee) + ':' + std::to_string(w.amount_minor) +
                                   (w.refund ? " back" : ""));
  return order;
}

Known beginning() {
  Known known;
  for (int i = 0; i < kWallets; ++i) {
    known.accounts.emplace(wallet(i), Account{.id = wallet(i), .balance_minor = kStart_minor});
    for (int payer = 0; payer < kWallets; ++payer)
      if (payer != i)
        known.refundables.emplace(RefundKey{wallet(i), paid_before(payer, i)},
                                  Refundable{wallet(payer), kPaid_minor, kGivenBack_minor});
  }
  return known;
}

rc::Gen<Wish> wishes() {
  return rc::gen::map(rc::gen::tuple(any_in(0, kWallets), any_in(0, kWallets),
                                     any_in<std::int64_t>(1, 70), any_in(-4, 4), any_in(0, 6)),
                      [](const auto& t) {
                        const auto [payer, payee, amount, key, dice] = t;
                        const bool refund = dice < 2, all = dice == 0;
                        return Wish{payer, payee, all ? kAllThatRemains : amount, std::max(0, key),
                                    refund};
                      });
}

RC_GTEST_PROP(PlanBatch, DoesWhatOneOrderAfterTheOtherWould, (const std::vector<bool>& atomic)) {
  Model model;
  std::vector<SubmissionPtr> submissions;
  std::vector<std::vector<std::string>> expected;
  for (const bool together : atomic) {
    const auto list = *rc::gen::resize(5, rc::gen::container<std::vector<Wish>>(wishes()));
    submissions.push_back(std::make_unique<Submission>());
    submissions.back()->atomic = together;
    for (const Wish& w : list) submissions.back()->orders.push_back(order_of(w));
    expected.push_back(model.all(list, together));
  }
  const Plan plan =
      plan_batch(submissions, beginning(), {kLimit_minor, kDaily_minor}, {1, 1, {}}, kNow_us);

  RC_ASSERT(plan.outcomes.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    std::vector<std::string> words;
    for (const Outcome& outcome : plan.outcomes[i])
      words.push_back(!outcome            ? std::string(info(outcome.error().code).name)
                      : outcome->replayed ? "replay"
                                          : "ok");
    RC_ASSERT(words == expected[i]);
  }
  std::int64_t sum = 0;
  for (int i = 0; i < kWallets; ++i) {
    const auto found = std::ranges::find(plan.changed, wallet(i), &Account::id);
    const std::int64_t balance = found == plan.changed.end() ? kStart_minor : found->balance_minor;
    RC_ASSERT(balance == model.balance(i));
    RC_ASSERT(balance >= 0);
    if (found != plan.changed.end()) RC_ASSERT(found->sent_today_minor == model.sent[i]);
    sum += balance;
  }
  RC_ASSERT(sum == kWallets * kStart_minor);
  RC_ASSERT(plan.row.merkle_root == merkle_root(plan.leaves));
  for (std::size_t i = 0; i < plan.transfers.size(); ++i) {
    RC_ASSERT(plan.leaves[i] == leaf_hash(plan.transfers[i], plan.row.secret));
    RC_ASSERT(root_of_path(plan.leaves[i], i, plan.leaves.size(), merkle_path(plan.leaves, i)) ==
              plan.row.merkle_root);
  }
}

}  // namespace
}  // namespace instapay::ledger
