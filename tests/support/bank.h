#pragma once
// The database of the model tests: what PostgreSQL promises the ledger, in memory, with its books
// open. Every write is checked as the keys and triggers of db/migrations do it, atomically.
// Thread-safe.
#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <vector>

#include "core/time.h"
#include "ledger/proof/sequence_audit.h"
#include "ledger/store/store.h"

namespace instapay::testing {

using namespace ledger;  // NOLINT: tests of the ledger

inline constexpr std::string_view kCurrency = "EGP";

/// A row of `entries`, as far as the model looks at it.
struct EntryAt {
  Side side;
  Time created;
  Amount sent;                // by a payment or a hold
  std::size_t log_index = 0;  // how many transfers there were, with this one
};

/// A row of `accounts` with its entries; number n is entries[n - 1].
struct AccountRows {
  Account row;  // id, kind, status and limits
  std::vector<EntryAt> entries;

  Amount sent_on(Day day) const {
    Amount sent;
    for (const EntryAt& entry : entries)
      if (day_of(entry.created) == day) sent += entry.sent;
    return sent;
  }
  /// As load_accounts.sql tells it.
  Account state(Time now) const {
    Account account = row;
    if (entries.empty()) return account;
    const EntryAt& last = entries.back();
    account.seq = last.side.seq;
    account.balance = last.side.balance;
    account.held = last.side.held;
    account.sent_today = last.side.sent_today;
    account.last_entry = last.created;
    account.sent_day = day_of(last.created);
    if (!knows_day_of(account, now)) {
      account.sent_day = day_of(now);
      account.sent_today = sent_on(account.sent_day);
    }
    return account;
  }
};

class Bank {
 public:
  struct Batch {
    BatchRow row;
    Hash256 hash;
    std::vector<Hash256> leaves;
  };
  using Place = std::pair<std::int32_t, std::int64_t>;
  using Kind = StoreFailure::Kind;
  using HoldRecord = SequenceAudit::HoldRecord;
  using HoldRecords = std::map<Uuid, HoldRecord>;

  explicit Bank(unsigned seed) : random_(seed) {
    open({.id = kOpeningAccount, .kind = AccountKind::system});
    open({.id = kSettlementAccount, .kind = AccountKind::system});
  }

  void open(const Account& account) {
    const std::lock_guard lock(mutex_);
    now_.accounts.emplace(account.id, AccountRows{account, {}});
  }
  /// A row of `payment_requests`.
  void ask(const Uuid& request, const Payable& payable) {
    const std::lock_guard lock(mutex_);
    now_.requests.emplace(request, payable);
  }
  /// Cancels a request that can still be paid.
  void cancel(const Uuid& request) {
    const std::lock_guard lock(mutex_);
    Payable& payable = now_.requests.at(request);
    if (!is_payable(payable)) return;
    copy_before_change();
    payable.status = RequestStatus::cancelled;
    now_.cancelled.emplace(request, now_.log.size());
  }
  /// From now on go_back() may be called.
  void keep_copies() { keeps_copies_ = true; }

  // What a connection does. `session`: what generation() was when it was made; it is lost when that
  // is over.
  StoreResult<std::int32_t> next_chain(int session) {
    const std::lock_guard lock(mutex_);
    if (is_over(session)) return lost();
    return ++now_.chains;
  }
  bool exists(const AccountId& id) {
    const std::lock_guard lock(mutex_);
    return now_.accounts.contains(id);
  }
  StoreResult<bool> has_batch(int session, const BatchRef& ref) {
    const std::lock_guard lock(mutex_);
    if (is_over(session)) return lost();
    tick();
    const auto found = now_.batches.find({ref.chain_id, ref.seq});
    return found != now_.batches.end() && found->second.hash == ref.hash;
  }

  StoreResult<Known> read(int session, const LoadRequest& request,
                          const std::vector<Account>& opened) {
    const std::lock_guard lock(mutex_);
    if (is_over(session)) return lost();
    tick();
    Known known;
    for (const Account& account : opened) known.accounts.emplace(account.id, account);
    for (const AccountId& id : request.accounts)
      if (const auto found = now_.accounts.find(id); found != now_.accounts.end())
        known.accounts.emplace(id, found->second.state(request.now));
    for (const KeyRequest& key : request.keys) add_first_answer(key, known);
    for (const RefundKey& key : request.refunds) add_refundable(key, known);
    for (const Uuid& id : request.requests)
      if (const auto found = now_.requests.find(id); found != now_.requests.end())
        known.payables.insert(*found);
    for (const Uuid& id : request.holds)
      if (const auto found = now_.holds.find(id); found != now_.holds.end())
        known.holds.emplace(id, found->second.hold);
    return known;
  }

  StoreResult<void> apply(int session, const Plan& plan, const std::vector<Account>& opened) {
    const std::lock_guard lock(mutex_);
    if (is_over(session)) return lost();
    tick();
    return apply_now(plan, opened);
  }
  void leave_in_flight(int session, const Plan& plan, const std::vector<Account>& opened) {
    const std::lock_guard lock(mutex_);
    if (is_over(session)) return;
    in_flight_.push_back({plan, opened});
  }
  /// Writes in a transaction that stays open: what it follows from may come later.
  StoreResult<void> write_ahead(int session, const Plan& plan) {
    const std::lock_guard lock(mutex_);
    if (is_over(session)) return lost();
    tick();
    return result(objection(plan, {}, true));
  }
  StoreResult<void> check_heads(int session, const Plan& plan) {
    const std::lock_guard lock(mutex_);
    if (is_over(session)) return lost();
    tick();
    return result(heads_moved(plan) ? std::optional(Kind::conflict) : std::nullopt);
  }

  /// The void mark, as an INSERT that may have to wait for a commit in flight.
  StoreResult<Fence> fence(int session, const BatchRow& void_row, const Hash256& hash) {
    const std::lock_guard lock(mutex_);
    if (is_over(session)) return lost();
    for (std::size_t i = 0; i < in_flight_.size(); ++i) {
      const BatchRow& row = in_flight_[i].plan.row;
      if (row.chain_id != void_row.chain_id || row.seq != void_row.seq) continue;
      // Its row may be there, uncommitted (lock timeout, or it commits while we wait), or not yet.
      const auto luck = random_() % 3;
      if (luck == 0) return std::unexpected(StoreFailure{Kind::conflict});
      if (luck == 1) settle(i);
      break;
    }
    copy_before_change();
    const auto [place, voided] = now_.batches.try_emplace({void_row.chain_id, void_row.seq},
                                                          Batch{void_row, void_row.hash(), {}});
    if (voided || place->second.hash == void_row.hash()) return Fence::voided;
    return place->second.hash == hash ? Fence::committed : Fence::chain_taken;
  }

  /// A failover to a copy that lacks the last writes. Whoever is connected is not any more.
  void go_back() {
    const std::lock_guard lock(mutex_);
    const State before = now_;
    for (auto steps = 1 + random_() % kCopiesMax; steps > 0 && !copies_.empty(); --steps) {
      now_ = std::move(copies_.back());
      copies_.pop_back();
    }
    for (std::size_t i = now_.log.size(); i < before.log.size(); ++i)
      gone_.insert(before.log[i].id);
    in_flight_.clear();
    ++generation_;
  }
  /// How often it went back.
  int generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
  }

  void settle_all() {
    const std::lock_guard lock(mutex_);
    while (!in_flight_.empty()) settle(0);
  }
  std::size_t log_size() const {
    const std::lock_guard lock(mutex_);
    return now_.log.size();
  }

  // For the verdict, when nobody writes any more.
  const std::vector<Transfer>& log() const { return now_.log; }
  const std::map<AccountId, AccountRows>& accounts() const { return now_.accounts; }
  const std::map<Uuid, Payable>& requests() const { return now_.requests; }
  /// Rows of `holds`.
  const HoldRecords& holds() const { return now_.holds; }
  /// How many transfers there were when a request was cancelled.
  const std::map<Uuid, std::size_t>& cancelled() const { return now_.cancelled; }
  const std::map<Place, Batch>& batches() const { return now_.batches; }
  /// Transfers that were there once, before it went back.
  const std::set<Uuid>& gone() const { return gone_; }

 private:
  static constexpr std::size_t kCopiesMax = 3;

  struct State {
    std::int32_t chains = 0;
    std::map<AccountId, AccountRows> accounts;
    std::unordered_map<OwnedKey, std::size_t, OwnedKeyHash> keys;  // of their bearers in the log
    std::map<Place, Batch> batches;
    std::map<Uuid, Payable> requests;
    HoldRecords holds;
    std::map<Uuid, std::size_t> cancelled;
    std::vector<Transfer> log;  // in the order in which they came to be
  };
  /// A commit that left its client behind: it happens later, or never.
  struct InFlight {
    Plan plan;
    std::vector<Account> opened;
  };
  struct Row {
    Amount change;
    Side side;
  };
  using Rows = std::map<std::pair<AccountId, Seq>, Row>;  // the primary key of `entries`

  static StoreResult<void> result(std::optional<Kind> failure) {
    if (failure) return std::unexpected(StoreFailure{*failure});
    return {};
  }

  bool is_over(int session) const { return session != generation_; }
  static std::unexpected<StoreFailure> lost() { return std::unexpected(StoreFailure{Kind::lost}); }

  // Time passes: something that is in flight may arrive.
  void tick() {
    if (!in_flight_.empty() && random_() % 4 == 0) settle(random_() % in_flight_.size());
  }
  void settle(std::size_t index) {
    const InFlight arrived = std::move(in_flight_[index]);
    in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(index));
    if (random_() % 4 != 0) std::ignore = apply_now(arrived.plan, arrived.opened);
  }

  void copy_before_change() {
    if (!keeps_copies_) return;
    copies_.push_back(now_);
    if (copies_.size() > kCopiesMax) copies_.pop_front();
  }

  // nullopt: two of the plan's own rows have the same number.
  static std::optional<Rows> rows_of(const Plan& plan) {
    Rows rows;
    bool unique = true;
    const auto add = [&](const AccountId& id, const Side& side, Amount change) {
      unique = rows.emplace(std::pair(id, side.seq), Row{change, side}).second && unique;
    };
    for (const Transfer& t : plan.transfers) {
      add(t.payer, t.payer_side, -t.amount);
      if (!is_one_sided(t.kind)) add(t.payee, t.payee_side, t.amount);
    }
    return unique ? std::optional(std::move(rows)) : std::nullopt;
  }

  // What the keys and triggers have against the plan; `ahead`: what it follows from may be missing.
  std::optional<Kind> objection(const Plan& plan, const std::vector<Account>& opened,
                                bool ahead) const {
    if (std::abs(now_us() - plan.row.committed.us) > kClockTolerance_us) return Kind::clock_skew;
    if (now_.batches.contains({plan.row.chain_id, plan.row.seq})) return Kind::chain_taken;
    const auto rows = rows_of(plan);
    if (!rows) return Kind::conflict;
    for (const auto& [place, row] : *rows)
      if (find_entry(place.first, place.second) != nullptr) return Kind::conflict;
    for (const Transfer& t : plan.transfers)
      if (t.key && now_.keys.contains(owned(*t.key))) return Kind::duplicate_key;
    if (!settle_requests(plan) || !settle_holds(plan)) return Kind::request_changed;
    for (const auto& [place, row] : *rows)
      if (const auto broken = follows(*rows, place, row, opened, ahead)) return broken;
    return !ahead && heads_moved(plan) ? std::optional(Kind::conflict) : std::nullopt;
  }

  static bool is_payable(const Payable& payable) {
    return payable.status == RequestStatus::open || payable.status == RequestStatus::partly_paid;
  }
  // As settle_request() does it: the requests after the plan; nullopt where one may not be paid so.
  std::optional<std::map<Uuid, Payable>> settle_requests(const Plan& plan) const {
    std::map<Uuid, Payable> requests = now_.requests;
    for (const Transfer& t : plan.transfers) {
      if (t.kind != EntryKind::transfer || t.reference == Uuid{}) continue;
      const auto found = requests.find(t.reference);
      if (found == requests.end()) return std::nullopt;
      Payable& asked = found->second;
      if (!is_payable(asked) || asked.payee != t.payee ||
          asked.payer.value_or(t.payer) != t.payer || asked.amount.value_or(t.amount) != t.amount ||
          (asked.expires && *asked.expires <= t.created))
        return std::nullopt;
      const bool once = t.reference.version() == 7;
      asked.status = once ? RequestStatus::paid : RequestStatus::partly_paid;
    }
    return requests;
  }

  // As settle_hold() does it: the holds after the plan; nullopt where one does not allow it.
  std::optional<HoldRecords> settle_holds(const Plan& plan) const {
    HoldRecords holds = now_.holds;
    for (const Transfer& t : plan.transfers) {
      const Amount freed = -t.payer_side.held_change;
      if (t.kind == EntryKind::hold) {
        const HoldRecord record{.hold = {.payer = t.payer,
                                         .payee = t.payee,
                                         .amount = t.payer_side.held_change,
                                         .expires = end_of_hold(t.change).value_or(t.created)},
                                .seq = t.payer_side.seq,
                                .created = t.created};
        if (record.hold.expires <= t.created || !holds.emplace(t.id, record).second)
          return std::nullopt;
      } else if (t.kind == EntryKind::capture || t.kind == EntryKind::release) {
        const auto found = holds.find(t.reference);
        if (found == holds.end() || !change_hold(found->second, t, freed)) return std::nullopt;
      } else if (freed != Amount{0}) {
        return std::nullopt;
      }
    }
    return holds;
  }
  static bool change_hold(HoldRecord& record, const Transfer& t, Amount freed) {
    Hold& hold = record.hold;
    const bool over = t.created >= hold.expires, ends = freed == hold.amount - hold.captured;
    const bool captures = t.kind == EntryKind::capture;
    if (hold.status != HoldStatus::open || hold.payer != t.payer || hold.payee != t.payee)
      return false;
    if (captures && (t.actor != hold.payee.uuid || over || t.amount > hold.amount - hold.captured ||
                     (freed != t.amount && !ends)))
      return false;
    if (!captures && (!ends || (t.actor == Uuid{} ? !over : t.actor != hold.payee.uuid)))
      return false;
    hold.captured += t.amount;
    record.captures += captures ? 1 : 0;
    if (!ends) return true;
    record.ended = t.created;
    hold.status = captures ? HoldStatus::captured
                  : over   ? HoldStatus::expired
                           : HoldStatus::released;
    return true;
  }

  std::optional<Kind> follows(const Rows& rows, const std::pair<AccountId, Seq>& place,
                              const Row& row, const std::vector<Account>& opened,
                              bool ahead) const {
    const auto& [id, seq] = place;
    if (seq.value < 1) return Kind::broken;
    Side before;
    if (seq.value == 1) {
      const bool exists =
          now_.accounts.contains(id) || std::ranges::find(opened, id, &Account::id) != opened.end();
      if (!exists) return Kind::does_not_follow;
    } else if (const auto own = rows.find({id, Seq{seq.value - 1}}); own != rows.end()) {
      before = own->second.side;
    } else if (const EntryAt* entry = find_entry(id, Seq{seq.value - 1})) {
      before = entry->side;
    } else {
      return ahead ? std::nullopt : std::optional(Kind::does_not_follow);
    }
    const bool follow = row.side.balance == before.balance + row.change &&
                        row.side.held == before.held + row.side.held_change;
    if (!follow) return Kind::does_not_follow;
    const bool system = id == kOpeningAccount || id == kSettlementAccount;
    const bool covered = row.side.held >= Amount{0} && row.side.balance >= row.side.held;
    return system || covered ? std::nullopt : std::optional(Kind::broken);
  }

  const EntryAt* find_entry(const AccountId& id, Seq seq) const {
    const auto found = now_.accounts.find(id);
    if (found == now_.accounts.end()) return nullptr;
    const auto& entries = found->second.entries;
    const auto index = static_cast<std::size_t>(seq.value - 1);
    return index < entries.size() ? &entries[index] : nullptr;
  }
  bool heads_moved(const Plan& plan) const {
    return std::ranges::any_of(plan.relied_on, [this](const Account& account) {
      return find_entry(account.id, account.seq.next()) != nullptr;
    });
  }

  StoreResult<void> apply_now(const Plan& plan, const std::vector<Account>& opened) {
    for (const Account& account : opened)
      if (now_.accounts.contains(account.id)) return std::unexpected(StoreFailure{Kind::conflict});
    if (const auto failure = objection(plan, opened, false)) return result(failure);

    copy_before_change();
    now_.requests = *settle_requests(plan);
    now_.holds = *settle_holds(plan);
    for (const Account& account : opened)
      now_.accounts.emplace(account.id, AccountRows{account, {}});
    for (const Transfer& t : plan.transfers) {
      if (t.key) now_.keys.emplace(owned(*t.key), now_.log.size());
      now_.log.push_back(t);
      const Amount sent = t.kind == EntryKind::transfer ? t.amount
                          : t.kind == EntryKind::hold   ? t.payer_side.held_change
                                                        : Amount{};
      add_entry(t.payer, {t.payer_side, t.created, sent, now_.log.size()});
      if (!is_one_sided(t.kind)) add_entry(t.payee, {t.payee_side, t.created, {}, now_.log.size()});
    }
    for (const Account& account : plan.settings) {
      Account& row = now_.accounts.at(account.id).row;
      row.status = account.status;
      row.frozen_by_owner = account.frozen_by_owner;
      row.limits = account.limits;
    }
    now_.batches.emplace(std::pair(plan.row.chain_id, plan.row.seq),
                         Batch{plan.row, plan.row.hash(), plan.leaves});
    return {};
  }
  void add_entry(const AccountId& id, const EntryAt& entry) {
    now_.accounts.at(id).entries.push_back(entry);
  }

  // As find_keys.sql: the bearer and what its payer paid next. Of the other side it knows the
  // number.
  void add_first_answer(const KeyRequest& request, Known& known) const {
    const auto bearer = now_.keys.find(request.key);
    if (bearer == now_.keys.end()) return;
    const Transfer& first = now_.log[bearer->second];
    FirstAnswer answer{first.key->request, {}, first.refused_items};
    for (std::size_t i = bearer->second; i < now_.log.size(); ++i) {
      Transfer next = now_.log[i];
      if (next.payer != first.payer) continue;
      if (next.payer_side.seq.value >= first.payer_side.seq.value + request.orders) break;
      next.payee_side = {.seq = next.payee_side.seq};
      answer.transfers.push_back(std::move(next));
    }
    FirstAnswer& kept = known.keys[request.key];
    if (kept.transfers.size() < answer.transfers.size()) kept = std::move(answer);
  }

  void add_refundable(const RefundKey& key, Known& known) const {
    Refundable refundable;
    for (const Transfer& t : now_.log) {
      if (t.id == key.transfer_id && t.payee == key.receiver) {
        refundable.original_payer = t.payer;
        refundable.received = t.amount;
        refundable.kind = t.kind;
      }
      if (t.refund_of == key.transfer_id && t.payer == key.receiver)
        refundable.refunded += t.amount;
    }
    if (refundable.received > Amount{0}) known.refundables.emplace(key, refundable);
  }

  mutable std::mutex mutex_;
  std::mt19937 random_;
  State now_;
  std::vector<InFlight> in_flight_;
  bool keeps_copies_ = false;
  std::deque<State> copies_;  // as it was before each of the last writes
  int generation_ = 0;
  std::set<Uuid> gone_;
};

}  // namespace instapay::testing
