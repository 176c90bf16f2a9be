// The rules and the planner against a model of a few lines: balances, a list of what happened.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <tuple>

#include "core/time.h"
#include "ledger/commit/plan.h"
#include "ledger/proof/leaf.h"
#include "ledger/proof/merkle.h"
#include "support/generate.h"

namespace instapay::ledger {
namespace {

using testing::any_in;

constexpr int kWallets = 4;
constexpr std::int64_t kStart_minor = 100, kHeld_minor = 20, kLimit_minor = 60, kDaily_minor = 90;
// Before it all every wallet has paid every other, and got a part of it back.
constexpr std::int64_t kPaid_minor = 50, kGivenBack_minor = 10, kSeq = 7;
constexpr Time kNow{20'000 * kDay_us};
// Each wallet holds kHeld_minor for the next one and nothing for others.
constexpr Time kEnd{kNow.us + kDay_us};

struct Wish {
  int payer = 0, payee = 0;
  std::int64_t amount_minor = 1;
  EntryKind kind = EntryKind::transfer;  // refund: gives back what `payee` paid `payer` before
  bool unknown = false;                  // nobody has the payee's name
  bool final = false;                    // capture: the last one
};

struct Request {
  std::vector<Wish> wishes;
  int key = 0;           // 0: none; with one, all is the first one's to pay
  bool another = false;  // another request under the key
  bool atomic = false;
};

Wish wish_of(const Request& request, std::size_t k) {
  Wish wish = request.wishes[k];
  if (request.key != 0) wish.payer = request.wishes[0].payer;
  if (request.another) ++wish.amount_minor;
  return wish;
}
bool is_of_hold(const Wish& wish) {
  return wish.kind == EntryKind::release || wish.kind == EntryKind::capture;
}

std::ostream& operator<<(std::ostream& out, const Request& r) {
  out << (r.atomic ? "atomic " : "") << "key " << r.key << (r.another ? " another" : "");
  for (std::size_t k = 0; k < r.wishes.size(); ++k) {
    const Wish w = wish_of(r, k);
    out << ' ' << name_of(w.kind) << ' ' << w.payer << "->" << w.payee << ':' << w.amount_minor
        << (w.unknown ? " unknown" : "");
  }
  return out;
}

AccountId wallet(int index) { return {Uuid::reserved(static_cast<std::uint8_t>(16 + index))}; }
Uuid held_before(int by) { return Uuid::reserved(static_cast<std::uint8_t>(200 + by)); }
Uuid paid_before(int by, int to) {
  return Uuid::reserved(static_cast<std::uint8_t>(100 + kWallets * by + to));
}

using Words = std::vector<std::string>;

// What one order after the other would do, in plain words.
class Model {
 public:
  Words all(const Request& request) {
    const Wish first = wish_of(request, 0);
    const std::pair key{request.key == 0    ? -1
                        : is_of_hold(first) ? first.payee
                                            : first.payer,
                        request.key};
    if (const auto seen = keys_.find(key); request.key != 0 && seen != keys_.end()) {
      const auto& [another, words] = seen->second;
      return another == request.another ? words
                                        : Words(request.wishes.size(), "idempotency_key_reused");
    }
    const Model before = *this;
    Words words, replayed;
    bool refused = false, happened = false;
    for (std::size_t k = 0; k < request.wishes.size(); ++k) {
      words.push_back(one(wish_of(request, k)));
      const bool ok = words.back() == "ok";
      replayed.push_back(ok ? "replay" : words.back());
      refused = refused || !ok;
      happened = happened || ok;
    }
    if (request.atomic && refused) {
      *this = before;
      for (std::string& word : words)
        if (word == "ok") word = "batch_rejected";
    } else if (request.key != 0 && happened) {
      keys_.emplace(key, std::pair(request.another, replayed));
    }
    return words;
  }
  std::int64_t balance(int wallet) { return kStart_minor + moved[wallet]; }
  std::int64_t held(int wallet) { return kHeld_minor + reserved[wallet]; }

  std::map<int, std::int64_t> moved, reserved, sent, entries;

 private:
  std::string one(const Wish& w) {
    if (w.unknown) return "payee_not_found";
    std::int64_t amount = w.amount_minor;
    const std::int64_t available = balance(w.payer) - held(w.payer);
    if (w.kind == EntryKind::hold) {
      if (w.payer == w.payee) return "self_transfer";
      if (amount > kLimit_minor) return "transfer_limit_exceeded";
      if (sent[w.payer] + amount > kDaily_minor) return "daily_limit_exceeded";
      if (amount > available) return "insufficient_funds";
      reserved[w.payer] += amount;
      sent[w.payer] += amount;
      ++entries[w.payer];
      return "ok";
    }
    if (w.kind == EntryKind::release || w.kind == EntryKind::capture) return of_hold(w);
    if (w.kind == EntryKind::refund) {
      if (w.payer == w.payee) return "transaction_not_found";
      const std::int64_t left = kPaid_minor - kGivenBack_minor - given_back_[{w.payer, w.payee}];
      if (amount == kAllThatRemains.minor) amount = left;
      if (amount > left || left == 0) return "refund_exceeds_transfer";
    } else {
      if (w.payer == w.payee) return "self_transfer";
    }
    if (w.kind == EntryKind::transfer) {
      if (amount > kLimit_minor) return "transfer_limit_exceeded";
      if (sent[w.payer] + amount > kDaily_minor) return "daily_limit_exceeded";
    }
    if (amount > available) return "insufficient_funds";
    moved[w.payer] -= amount;
    moved[w.payee] += amount;
    if (w.kind == EntryKind::transfer) sent[w.payer] += amount;
    if (w.kind == EntryKind::refund) given_back_[{w.payer, w.payee}] += amount;
    ++entries[w.payer];
    ++entries[w.payee];
    return "ok";
  }

  std::string of_hold(const Wish& w) {
    if (w.payee != (w.payer + 1) % kWallets) return "hold_not_found";
    if (const auto end = ended_.find(w.payer); end != ended_.end()) return end->second;
    std::int64_t& taken = taken_[w.payer];
    const std::int64_t left = kHeld_minor - taken;
    std::int64_t amount = w.amount_minor == kAllThatRemains.minor ? left : w.amount_minor;
    if (w.kind == EntryKind::release) {
      reserved[w.payer] -= left;
      ended_[w.payer] = "hold_released";
    } else {
      if (amount > left) return "capture_exceeds_hold";
      moved[w.payer] -= amount;
      moved[w.payee] += amount;
      taken += amount;
      const bool last = w.final || taken == kHeld_minor;
      reserved[w.payer] -= last ? left : amount;
      if (last) ended_[w.payer] = "hold_captured";
      ++entries[w.payee];
    }
    ++entries[w.payer];
    return "ok";
  }

  std::map<int, std::int64_t> taken_;  // of a wallet's hold
  std::map<int, std::string> ended_;   // how it did
  std::map<std::pair<int, int>, std::pair<bool, Words>> keys_;
  std::map<std::pair<int, int>, std::int64_t> given_back_;
};

Order order_of(const Wish& w) {
  Order order{.payer = wallet(w.payer),
              .payee = wallet(w.payee),
              .amount = {w.amount_minor},
              .kind = w.kind};
  if (w.kind == EntryKind::refund) order.refund_of = paid_before(w.payee, w.payer);
  if (w.kind == EntryKind::hold) order.expires = kEnd;
  if (needs_hold(order)) {
    order.reference = held_before(w.payer);
    order.actor = order.payee.uuid;
    order.final = w.final;
  }
  if (w.unknown) order.refused = Code::payee_not_found;
  return order;
}

// What is captured or released is asked for by its payee, under a key of its own.
Uuid principal_of(const Request& request) {
  const Wish first = wish_of(request, 0);
  return wallet(is_of_hold(first) ? first.payee : first.payer).uuid;
}

SubmissionPtr submission_of(const Request& request) {
  auto submission = std::make_unique<Submission>();
  submission->atomic = request.atomic;
  for (std::size_t k = 0; k < request.wishes.size(); ++k)
    submission->orders.push_back(order_of(wish_of(request, k)));
  if (request.key != 0)
    submission->key =
        RequestKey{principal_of(request), Hash128{static_cast<std::uint8_t>(request.key)},
                   sha256_half(request.another ? "another" : "one")};
  return submission;
}

Known beginning() {
  Known known;
  for (int i = 0; i < kWallets; ++i) {
    known.accounts.emplace(
        wallet(i),
        Account{.id = wallet(i), .seq = {kSeq}, .balance = {kStart_minor}, .held = {kHeld_minor}});
    known.holds.emplace(held_before(i), Hold{.payer = wallet(i),
                                             .payee = wallet((i + 1) % kWallets),
                                             .amount = {kHeld_minor},
                                             .expires = kEnd});
    for (int payer = 0; payer < kWallets; ++payer)
      if (payer != i)
        known.refundables.emplace(
            RefundKey{wallet(i), paid_before(payer, i)},
            Refundable{wallet(payer), Amount{kPaid_minor}, Amount{kGivenBack_minor}});
  }
  return known;
}

rc::Gen<Wish> wishes() {
  return rc::gen::map(rc::gen::tuple(any_in(0, kWallets), any_in(0, kWallets),
                                     any_in<std::int64_t>(1, 70), any_in(0, 15)),
                      [](const auto& t) {
                        const auto [payer, payee, amount, dice] = t;
                        Wish wish{.payer = payer, .payee = payee, .amount_minor = amount};
                        if (dice < 3) wish.kind = EntryKind::refund;
                        if (dice == 0) wish.amount_minor = kAllThatRemains.minor;
                        if (dice == 3 || dice == 4) wish.kind = EntryKind::hold;
                        if (dice == 5) wish.kind = EntryKind::release;
                        if (dice == 6 || dice == 8) wish.kind = EntryKind::capture;
                        wish.final = dice == 8;
                        if (is_of_hold(wish)) {
                          // Mostly of the hold that there is, and as much as may be left of it.
                          if (amount % 4 != 0) wish.payee = (payer + 1) % kWallets;
                          wish.amount_minor = amount % (kHeld_minor + 2);
                        }
                        wish.unknown = dice == 7;
                        return wish;
                      });
}

// One key is one request of one principal: what is of a hold has it alone.
void make_one_principals(std::vector<Wish>& wishes) {
  if (std::ranges::none_of(wishes, is_of_hold)) return;
  std::ranges::partition(wishes, is_of_hold);
  wishes.resize(1);
}

rc::Gen<Request> requests() {
  return rc::gen::map(
      rc::gen::tuple(
          rc::gen::resize(5, rc::gen::nonEmpty(rc::gen::container<std::vector<Wish>>(wishes()))),
          any_in(-3, 4), any_in(0, 12)),
      [](const auto& t) {
        const auto& [list, key, dice] = t;
        Request request{list, std::max(0, key), dice % 4 == 0, dice < 4};
        if (request.key != 0) make_one_principals(request.wishes);
        return request;
      });
}

// What stands under one key is the same each time, but for whom its names are known today; or else
// it is another request.
std::vector<Request> many_requests() {
  const auto of_keys = *rc::gen::container<std::vector<Request>>(4, requests());
  auto all = *rc::gen::container<std::vector<Request>>(requests());
  for (Request& request : all) {
    if (request.key == 0) continue;
    const Request& first = of_keys[static_cast<std::size_t>(request.key)];
    const bool unknown = request.wishes[0].unknown;
    request.wishes = first.wishes;
    make_one_principals(request.wishes);
    request.atomic = first.atomic;
    for (Wish& wish : request.wishes) wish.unknown = wish.unknown != unknown;
  }
  return all;
}

RC_GTEST_PROP(PlanBatch, DoesWhatOneOrderAfterTheOtherWould, ()) {
  Model model;
  std::vector<SubmissionPtr> submissions;
  std::vector<Words> expected;
  for (const Request& request : many_requests()) {
    submissions.push_back(submission_of(request));
    expected.push_back(model.all(request));
  }
  const Terms terms{{Amount{kLimit_minor}, Amount{kDaily_minor}}, "EGP"};
  const Plan plan = plan_batch(submissions, beginning(), terms, {1, 1, {}}, kNow);

  RC_ASSERT(plan.outcomes.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    Words words;
    for (const Outcome& outcome : plan.outcomes[i])
      words.push_back(!outcome            ? std::string(info(outcome.error().code).name)
                      : outcome->replayed ? "replay"
                                          : "ok");
    RC_ASSERT(words == expected[i]);
  }
  Amount sum;
  for (int i = 0; i < kWallets; ++i) {
    const auto found = std::ranges::find(plan.changed, wallet(i), &Account::id);
    RC_ASSERT((found != plan.changed.end()) == (model.entries[i] > 0));
    const Account account =
        found == plan.changed.end() ? beginning().accounts.at(wallet(i)) : *found;
    RC_ASSERT(account.balance.minor == model.balance(i));
    RC_ASSERT(account.held.minor == model.held(i));
    RC_ASSERT(account.available() >= Amount{0});
    RC_ASSERT(account.seq.value == kSeq + model.entries[i]);
    RC_ASSERT(account.sent_today.minor == model.sent[i]);
    sum += account.balance;
  }
  RC_ASSERT(sum.minor == kWallets * kStart_minor);
  RC_ASSERT(plan.row.merkle_root == merkle_root(plan.leaves));
  for (std::size_t i = 0; i < plan.transfers.size(); ++i) {
    RC_ASSERT(plan.leaves[i] == leaf_hash(plan.transfers[i], "EGP", plan.row.secret));
    RC_ASSERT(root_of_path(plan.leaves[i], i, plan.leaves.size(), merkle_path(plan.leaves, i)) ==
              plan.row.merkle_root);
  }
}

// As the trigger of db/migrations checks it.
RC_GTEST_PROP(PlanBatch, EveryEntryFollowsFromTheOneBefore, ()) {
  std::vector<SubmissionPtr> submissions;
  for (const Request& request : many_requests()) submissions.push_back(submission_of(request));
  const Plan plan = plan_batch(submissions, beginning(), {}, {1, 1, {}}, kNow);
  std::map<AccountId, Side> last;
  const auto follow = [&](const AccountId& id, const Side& side, Amount change) {
    const auto [before, first] =
        last.try_emplace(id, Side{.seq = {kSeq}, .balance = {kStart_minor}, .held = {kHeld_minor}});
    RC_ASSERT(side.seq == before->second.seq.next());
    RC_ASSERT(side.balance == before->second.balance + change);
    RC_ASSERT(side.held == before->second.held + side.held_change);
    before->second = side;
  };
  for (const Transfer& t : plan.transfers) {
    follow(t.payer, t.payer_side, -t.amount);
    if (!is_one_sided(t.kind)) follow(t.payee, t.payee_side, t.amount);
  }
}

// What the plan did to what was known.
void carry_out(const Plan& plan, Known& known) {
  for (const Account& account : plan.changed) known.accounts.at(account.id) = account;
  for (const Transfer& t : plan.transfers) {
    if (t.kind == EntryKind::hold) known.holds.emplace(t.id, begin_hold(t, kEnd));
    if (t.kind == EntryKind::release || t.kind == EntryKind::capture)
      settle(known.holds.at(t.reference), t);
    if (t.kind == EntryKind::refund)
      known.refundables.at({t.payer, t.refund_of}).refunded += t.amount;
  }
}

// A wish, or a capture or release of a hold that was made meanwhile.
Order any_order(const Known& known) {
  const bool of_hold = *any_in(0, 3) > 0;
  if (!of_hold) return order_of(*wishes());
  auto hold = known.holds.begin();
  std::advance(hold, *any_in<std::ptrdiff_t>(0, std::ssize(known.holds)));
  Order order{.payer = hold->second.payer,
              .payee = hold->second.payee,
              .amount = {*any_in<std::int64_t>(0, kHeld_minor + 2)},
              .kind = *any_in(0, 3) > 0 ? EntryKind::capture : EntryKind::release,
              .reference = hold->first,
              .actor = hold->second.payee.uuid};
  order.final = *rc::gen::arbitrary<bool>();
  return order;
}

bool relies_on(const Plan& plan, const AccountId& id) {
  return std::ranges::find(plan.relied_on, id, &Account::id) != plan.relied_on.end();
}

// Accounts are remembered, each from a time of its own; holds and what was refunded are read. Then
// nothing that is wrong of it may be written, and what is refused by it must be looked at again.
RC_GTEST_PROP(PlanBatch, AccountsMayBeOlderThanTheRest, ()) {
  const Terms terms{{Amount{kLimit_minor}, Amount{kDaily_minor}}, "EGP"};
  Known known = beginning();
  std::vector<Known> ages{known};
  for (Request request : many_requests()) {
    request.key = 0;
    std::vector<SubmissionPtr> one;
    one.push_back(submission_of(request));
    carry_out(plan_batch(one, known, terms, {1, 1, {}}, kNow), known);
    ages.push_back(known);
  }
  Known remembered = known;
  for (auto& [id, account] : remembered.accounts)
    account = ages[*any_in<std::size_t>(0, ages.size())].accounts.at(id);

  std::vector<SubmissionPtr> now;
  now.push_back(std::make_unique<Submission>());
  now[0]->orders.push_back(any_order(known));
  const Order& order = now[0]->orders[0];
  const Plan plan = plan_batch(now, remembered, terms, {1, 1, {}}, kNow);
  const bool is_old = remembered.accounts.at(order.payer).seq != known.accounts.at(order.payer).seq;
  const bool refused = !plan.outcomes[0][0];
  RC_CLASSIFY(is_old && refused);
  RC_CLASSIFY(is_old && !refused && needs_hold(order));
  for (const Account& account : plan.changed) RC_ASSERT(account.held >= Amount{0});
  for (const Account& account : plan.changed) RC_ASSERT(account.available() >= Amount{0});
  if (refused && !order.refused) {
    RC_ASSERT(relies_on(plan, order.payer));
    RC_ASSERT(relies_on(plan, order.payee));
  }
}

}  // namespace
}  // namespace instapay::ledger
