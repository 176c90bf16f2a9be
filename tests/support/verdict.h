#pragma once
// What must be so of the Bank's books, whatever happened to it: proofs, sequences, and what a model
// of a few lines says to one transfer after the other.
#include <map>
#include <set>

#include "core/json.h"
#include "ledger/proof/leaf.h"
#include "ledger/proof/merkle.h"
#include "ledger/proof/sequence_audit.h"
#include "support/bank.h"

namespace instapay::testing {

class Verdict {
 public:
  explicit Verdict(const Bank& bank) : bank_(bank) {
    check_chains();
    check_sequences();
    check_keys_and_refunds();
    check_requests();
    check_holds();
    check_model();
  }
  /// Empty: nothing.
  const std::string& difference() const { return difference_; }

 private:
  struct ModelAccount {
    Amount balance, held;
    bool frozen = false, closed = false;
    std::optional<Amount> per_transfer, per_day;
    std::map<Day, Amount> sent;
    Time last;
  };

  void complain(const std::string& what) {
    if (difference_.empty()) difference_ = what;
  }

  void check_chains() {
    std::map<std::int32_t, std::pair<std::int64_t, Hash256>> ends;
    std::map<Bank::Place, std::vector<Hash256>> leaves;
    for (const Transfer& t : bank_.log()) {
      const auto batch = bank_.batches().find({t.place.chain_id, t.place.batch_seq});
      if (batch == bank_.batches().end()) return complain("a transfer without its batch");
      leaves[batch->first].push_back(leaf_hash(t, kCurrency, batch->second.row.secret));
    }
    std::set<Hash256> secrets{Hash256{}};
    for (const auto& [place, batch] : bank_.batches()) {
      const auto [chain, seq] = place;
      auto [end, first] = ends.try_emplace(chain, 0, genesis_hash(chain));
      if (seq != end->second.first + 1 || batch.row.prev_hash != end->second.second)
        complain("a chain is broken");
      if (!batch.row.is_void && !secrets.insert(batch.row.secret).second)
        complain("a batch without a secret of its own");
      if (merkle_root(leaves[place]) != batch.row.merkle_root) complain("a Merkle root is wrong");
      if (batch.row.transfer_count != static_cast<std::int32_t>(leaves[place].size()))
        complain("a batch counts its transfers wrongly");
      end->second = {seq, batch.hash};
    }
  }

  // The audit's own eyes, and that the rows are what it says.
  void check_sequences() {
    SequenceAudit audit;
    for (const Transfer& t : bank_.log()) {
      complain(audit.take({t, true}));
      if (!is_one_sided(t.kind)) complain(audit.take({t, false}));
    }
    complain(audit.find_gap());
    for (const auto& [id, rows] : bank_.accounts()) {
      const auto state = audit.claim_account(id);
      const Account account = rows.state({now_us()});
      if (account.seq != state.last || account.balance != state.balance ||
          account.held != state.held || account.status != state.status ||
          account.limits != state.limits)
        complain("an account is not what its entries say");
    }
    complain(audit.find_unclaimed());
    for (const auto& [id, record] : bank_.holds()) complain(audit.claim_hold(id, record));
    complain(audit.find_unclaimed_hold());
  }

  // Never more is captured than was held, nothing after the end, and what is open is held: no more,
  // no less.
  void check_holds() {
    struct Kept {
      Amount amount, taken;
      bool ended = false;
    };
    std::map<Uuid, Kept> kept;
    std::map<AccountId, Amount> held;
    for (const Transfer& t : bank_.log()) {
      held[t.payer] += t.payer_side.held_change;
      if (t.kind == EntryKind::hold) kept[t.id] = {t.payer_side.held_change, {}};
      if (t.kind != EntryKind::capture && t.kind != EntryKind::release) continue;
      Kept& hold = kept[t.reference];
      if (hold.ended) complain("a hold was changed after its end");
      if ((hold.taken += t.amount) > hold.amount) complain("more was captured than was held");
      const Amount left = hold.amount - hold.taken;
      hold.ended = left == Amount{0} || -t.payer_side.held_change == left + t.amount;
    }
    for (const auto& [id, record] : bank_.holds()) held[record.hold.payer] -= record.hold.left();
    for (const auto& [id, amount] : held)
      if (amount != Amount{0}) complain("what is held is not what open holds have left");
  }

  void check_keys_and_refunds() {
    std::set<std::pair<Uuid, Hash128>> keys;
    std::map<Uuid, Amount> left;  // to refund, by transfer
    for (const Transfer& t : bank_.log()) {
      if (is_payment(t.kind)) left[t.id] = t.amount;
      if (t.kind == EntryKind::refund && (left[t.refund_of] -= t.amount) < Amount{0})
        complain("more was refunded than was paid");
      if (t.key && t.key->principal != principal_of(t)) complain("a key of somebody else");
      if (t.key && !keys.emplace(t.key->principal, t.key->key).second)
        complain("a key applied twice");
    }
  }

  // Paid once is paid once, and what was cancelled is not paid afterwards.
  void check_requests() {
    std::map<Uuid, int> payments;
    for (std::size_t i = 0; i < bank_.log().size(); ++i) {
      const Transfer& t = bank_.log()[i];
      if (t.reference == Uuid{} || t.kind != EntryKind::transfer) continue;
      if (++payments[t.reference] > 1 && t.reference.version() == 7)
        complain("a request was paid twice");
      const auto cancelled = bank_.cancelled().find(t.reference);
      if (cancelled != bank_.cancelled().end() && cancelled->second <= i)
        complain("a request was paid after it was cancelled");
    }
    for (const auto& [id, payable] : bank_.requests()) {
      const bool paid =
          payable.status == RequestStatus::paid || payable.status == RequestStatus::partly_paid;
      if (paid && payments[id] == 0) complain("a request is paid without a payment");
      if (payable.status == RequestStatus::open && payments[id] > 0)
        complain("a request is open in spite of its payment");
    }
  }

  static std::optional<Amount> limit(const Json& limits, std::string_view name) {
    const Json* limit = limits.find(name);
    if (limit == nullptr || limit->kind != Json::Kind::number) return std::nullopt;
    return Amount{std::stoll(limit->text)};
  }
  static void change(ModelAccount& account, const std::string& text) {
    const auto json = parse_json(text);
    if (const Json* status = json->find("status")) {
      account.frozen = status->find("after")->text == "frozen";
      account.closed = status->find("after")->text == "closed";
    }
    if (const Json* limits = json->find("limits")) {
      account.per_transfer = limit(*limits->find("after"), "perTransfer");
      account.per_day = limit(*limits->find("after"), "perDay");
    }
  }

  // Whether the rules let it happen.
  static bool may(const Transfer& t, ModelAccount& payer, const ModelAccount& payee) {
    const bool system = t.payer == kOpeningAccount || t.payer == kSettlementAccount;
    const bool by_operator = t.kind == EntryKind::adjustment || t.kind == EntryKind::release ||
                             (t.kind == EntryKind::refund && t.actor != Uuid{});
    if (t.kind == EntryKind::control) return true;
    if (payer.closed || payee.closed || (!by_operator && (payer.frozen || payee.frozen)))
      return false;
    const Amount amount = is_one_sided(t.kind) ? t.payer_side.held_change : t.amount;
    if (t.kind == EntryKind::release) return payer.held >= -amount;
    if (t.kind == EntryKind::capture) return payer.held >= amount;
    if (t.kind == EntryKind::transfer || t.kind == EntryKind::hold) {
      if (payer.per_transfer && amount > *payer.per_transfer) return false;
      if (payer.per_day && payer.sent[day_of(t.created)] + amount > *payer.per_day) return false;
    }
    return system || payer.balance - payer.held >= amount;
  }

  // One transfer after the other, in the order of the log.
  void check_model() {
    std::map<AccountId, ModelAccount> accounts;
    Amount total;
    for (const Transfer& t : bank_.log()) {
      ModelAccount nobody;
      ModelAccount& payer = accounts[t.payer];
      ModelAccount& payee = is_one_sided(t.kind) ? nobody : accounts[t.payee];
      const std::string name = "transfer " + t.note;
      if (!may(t, payer, payee)) complain(name + " is one that the rules forbid");
      payer.balance -= t.amount;
      payee.balance += t.amount;
      payer.held += t.payer_side.held_change;
      if (t.kind == EntryKind::transfer) payer.sent[day_of(t.created)] += t.amount;
      if (t.kind == EntryKind::hold) payer.sent[day_of(t.created)] += t.payer_side.held_change;
      if (t.kind == EntryKind::control) change(payer, t.change);
      if (payer.balance != t.payer_side.balance || payer.held != t.payer_side.held)
        complain(name + " leaves its payer with what the model does not");
      if (!is_one_sided(t.kind) &&
          (payee.balance != t.payee_side.balance || payee.held != t.payee_side.held))
        complain(name + " leaves its payee with what the model does not");
      for (auto [id, account] : {std::pair(t.payer, &payer), {t.payee, &payee}}) {
        if (id == kOpeningAccount || id == kSettlementAccount) continue;
        if (t.created < account->last) complain(name + " is before the last of its wallets");
        account->last = t.created;
      }
    }
    for (const auto& [id, account] : accounts) total += account.balance;
    if (total != Amount{0}) complain("money was made or lost");
  }

  const Bank& bank_;
  std::string difference_;
};

/// Wallets with something to spend, as they are made: each has an opening grant.
inline void open_wallets(Bank& bank, const std::vector<AccountId>& ids, Amount amount) {
  std::vector<SubmissionPtr> all;
  Known known;
  known.accounts.emplace(kOpeningAccount,
                         Account{.id = kOpeningAccount, .kind = AccountKind::system});
  for (const AccountId& id : ids) {
    bank.open({.id = id});
    known.accounts.emplace(id, Account{.id = id});
    all.push_back(std::make_unique<Submission>());
    all.back()->orders.push_back({.payer = kOpeningAccount,
                                  .payee = id,
                                  .amount = amount,
                                  .kind = EntryKind::opening,
                                  .note = "opening"});
  }
  const std::int32_t chain = bank.next_chain(0).value();
  const Plan plan = plan_batch(all, std::move(known), Terms{.currency = std::string(kCurrency)},
                               {chain, 1, genesis_hash(chain), sha256("opening")}, {now_us()});
  if (!bank.apply(0, plan, {})) throw std::logic_error("the opening grants");
}

/// A hold of a wallet's for the next one, and its id.
inline Uuid hold_for_next(Bank& bank, const std::vector<AccountId>& wallets, int index,
                          Amount amount) {
  const auto place = static_cast<std::size_t>(index);
  const AccountId payer = wallets[place], payee = wallets[(place + 1) % wallets.size()];
  std::vector<SubmissionPtr> all;
  all.push_back(std::make_unique<Submission>());
  Order order{.payer = payer, .payee = payee, .amount = amount, .kind = EntryKind::hold};
  order.note = "held";
  order.expires = Time{now_us() + kDay_us};
  all.back()->orders.push_back(order);
  LoadRequest request{.accounts = {payer, payee}, .now = {now_us()}};
  const std::int32_t chain = bank.next_chain(0).value();
  const Plan plan =
      plan_batch(all, bank.read(0, request, {}).value(), Terms{.currency = std::string(kCurrency)},
                 {chain, 1, genesis_hash(chain), sha256("held " + payer.to_string())}, {now_us()});
  if (!bank.apply(0, plan, {})) throw std::logic_error("a hold");
  return plan.transfers.front().id;
}

}  // namespace instapay::testing
