// The whole group commit against a sequential model: two processes with two committers each over
// one bank, clients that ask again with the same key after any doubt, and a database that fails in
// every way. Printed counterexamples shrink to the fewest requests and faults that show them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/generate.h"
#include "support/process.h"
#include "support/verdict.h"

namespace instapay::testing {
namespace {

constexpr Amount kStart{100};
constexpr int kWallets = 4;
constexpr int kTriesMax = 40;
constexpr Uuid kOperator = Uuid::reserved(9);
constexpr int kAsked = 4;    // payment requests
constexpr Amount kHeld{30};  // by each wallet, for the next one

struct Payment {
  int payer = 0, payee = 1;  // of the wallets; payer -1: the settlement account
  std::int64_t amount_minor = 1;
  EntryKind kind = EntryKind::transfer;
  int asked = -1;  // the payment request that it pays, if it is a transfer of a wallet
};

struct Request {
  std::vector<Payment> payments;
  bool atomic = false, keyed = true;
  bool opens = false;     // a new wallet with its grant, in a prelude
  bool refunds = false;   // gives back a transfer that was acknowledged before, if there is one
  bool hurried = false;   // a deadline so short that it may pass
  bool cancels = false;   // the payment request that its first payment is for, before it pays
  bool controls = false;  // an operator changes the first payer's status or limits
};

struct Scenario {
  std::vector<Request> requests;
  std::vector<Fault> faults;
  unsigned seed = 0;
  int batch_max = 8;
  int leaves_after = 0;  // one process is abandoned after so many requests; 0: never
  int processes = 2, committers = 2;
  int clients = 4;
  int writing_us = 0;
  bool goes_back = false;
};

std::ostream& operator<<(std::ostream& out, const Scenario& s) {
  out << "seed " << s.seed << ", batch_max " << s.batch_max << ", leaves_after " << s.leaves_after
      << ", " << s.processes << " x " << s.committers << " committers, " << s.clients
      << " clients, " << s.writing_us << " us a write\nfaults:";
  for (const Fault fault : s.faults) out << ' ' << static_cast<int>(fault);
  for (const Request& request : s.requests) {
    out << (request.atomic ? "\natomic" : "\n") << (request.keyed ? " keyed" : " keyless")
        << (request.opens ? " opens" : "") << (request.refunds ? " refunds" : "")
        << (request.hurried ? " hurried" : "") << (request.controls ? " controls" : "")
        << (request.cancels ? " cancels" : "");
    for (const Payment& p : request.payments)
      out << ' ' << name_of(p.kind) << ' ' << p.payer << "->" << p.payee << ':' << p.amount_minor
          << '#' << p.asked;
  }
  return out;
}

AccountId wallet(int index) {
  if (index < 0) return kSettlementAccount;
  return {Uuid::reserved(static_cast<std::uint8_t>(16 + index))};
}

Uuid asked_id(int index) {
  Uuid id = Uuid::reserved(static_cast<std::uint8_t>(128 + index));
  id.bytes[6] = index % 2 == 0 ? 0x70 : 0x80;  // to be paid once, or many times
  return id;
}
// The third asks one wallet for a fixed amount, the others anybody for what they like.
Payable asked_of(int index) {
  Payable payable{.payee = wallet(index % kWallets)};
  if (index == 2) payable.payer = wallet(0);
  if (index == 2) payable.amount = Amount{7};
  return payable;
}

// Of the holds that requests make.
const Time kEnd{now_us() + kDay_us};

bool is_doubt(Code code) { return info(code).status >= 500; }

// What an operator does: freezes, sets free, sets a limit, takes it away.
Control control_of(std::int64_t dice) {
  switch (dice % 5) {
    case 0:
      return {.status = AccountStatus::frozen};
    case 1:
      return {.limits = OwnLimits{Amount{60}, std::nullopt}};
    case 2:
      return {.status = AccountStatus::active, .limits = OwnLimits{std::nullopt, Amount{150}}};
    default:
      return {.status = AccountStatus::active, .limits = OwnLimits{}};
  }
}

// What became of one order of a request, over all its tries.
struct Told {
  std::optional<Transfer> accepted;
  std::optional<Code> refused;  // the last word, when it is final
  bool unknown = false;         // some try ended in outcome_unknown
  bool is_final = false;        // there was an answer that says what became of it
  int tries = 0;
};

class Run {
 public:
  explicit Run(const Scenario& scenario)
      : scenario_(scenario), bank_(scenario.seed), faults_(scenario.faults) {
    std::vector<AccountId> wallets;
    for (int i = 0; i < kWallets; ++i) wallets.push_back(wallet(i));
    open_wallets(bank_, wallets, kStart);
    for (int i = 0; i < kWallets; ++i) held_.push_back(hold_for_next(bank_, wallets, i, kHeld));
    for (int i = 0; i < kAsked; ++i) bank_.ask(asked_id(i), asked_of(i));
    if (scenario.goes_back) bank_.keep_copies();
    for (int i = 0; i < scenario.processes; ++i)
      processes_.push_back(std::make_unique<Process>(
          bank_, faults_, scenario.committers, static_cast<std::size_t>(scenario.batch_max),
          std::chrono::microseconds(scenario.writing_us)));
    told_.resize(scenario.requests.size());
    for (std::size_t i = 0; i < told_.size(); ++i)
      told_[i].resize(scenario.requests[i].payments.size());
  }

  void run() {
    {
      std::vector<std::jthread> clients;
      const auto count = static_cast<std::size_t>(scenario_.clients);
      for (std::size_t client = 0; client < count; ++client)
        clients.emplace_back([this, client, count] {
          try {
            for (std::size_t i = client; i < told_.size(); i += count) carry_out(i);
          } catch (const std::exception& exception) {
            complain(exception.what());
          }
        });
    }
    for (auto& process : processes_) process->stop();
    bank_.settle_all();
    check_answers();
    complain(Verdict(bank_).difference());
    // After a failover the balances that were read are those of another history.
    if (bank_.generation() == 0) check_shortages();
  }

  std::string difference() const { return difference_; }

 private:
  using Window = std::pair<std::size_t, std::size_t>;  // of the log, when asked and when answered

  void complain(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (difference_.empty()) difference_ = what;
  }

  static Hash128 key_of(std::size_t request) {
    return {static_cast<std::uint8_t>(request), static_cast<std::uint8_t>(request >> 8), 1};
  }
  static std::string note_of(std::size_t request, std::size_t order) {
    return std::to_string(request) + '/' + std::to_string(order);
  }
  static AccountId opened_by(std::size_t request) {
    Uuid id = Uuid::reserved(255);
    id.bytes[0] = static_cast<std::uint8_t>(request);
    id.bytes[1] = static_cast<std::uint8_t>(request >> 8);
    return {id};
  }

  // One of the last two transfers that were acknowledged, so that several requests refund the same.
  std::optional<Transfer> acknowledged(std::size_t dice) {
    const std::lock_guard lock(mutex_);
    std::vector<const Transfer*> all;
    for (const auto& request : told_)
      for (const Told& told : request)
        if (told.accepted && is_payment(told.accepted->kind)) all.push_back(&*told.accepted);
    if (all.empty()) return std::nullopt;
    return *all[all.size() - 1 - dice % std::min<std::size_t>(2, all.size())];
  }

  Order order_of(const Request& request, std::size_t k,
                 const std::optional<Transfer>& given_back) const {
    const Payment& payment = request.payments[k];
    // One key is one request of one payer.
    const int payer = request.keyed ? request.payments[0].payer : payment.payer;
    Order order{.payer = wallet(payer),
                .payee = wallet(payment.payee),
                .amount = {payment.amount_minor},
                .kind = payment.kind};
    if (payer < 0 && !needs_hold(order)) order.kind = EntryKind::adjustment;
    if (payment.asked >= 0 && order.kind == EntryKind::transfer) {
      const Payable payable = asked_of(payment.asked);
      order.reference = asked_id(payment.asked);
      order.payee = payable.payee;
      order.amount = payable.amount.value_or(order.amount);
    }
    if (order.kind == EntryKind::hold) order.expires = kEnd;
    if (needs_hold(order)) {
      const int holder = std::max(payer, 0);
      order.payer = wallet(holder);
      order.payee = wallet((holder + 1) % kWallets);
      order.reference = held_[static_cast<std::size_t>(holder)];
      order.actor = order.payee.uuid;
      order.final = payment.amount_minor % 5 == 0;
      if (order.amount > kHeld) order.amount = {1 + order.amount.minor % 12};
    }
    if (request.controls) {
      order = {.payer = wallet(std::max(0, payer)),
               .kind = EntryKind::control,
               .control = control_of(payment.amount_minor)};
    } else if (given_back) {
      order.payer = given_back->payee;
      order.payee = given_back->payer;
      order.kind = EntryKind::refund;
      order.reference = order.actor = {};
      order.final = false;
      order.refund_of = given_back->id;
      if (order.amount > kStart) order.amount = kAllThatRemains;
    }
    if (request.controls || order.kind == EntryKind::adjustment) order.actor = kOperator;
    return order;
  }

  SubmissionPtr make(std::size_t index, const std::optional<Transfer>& given_back) const {
    const Request& request = scenario_.requests[index];
    auto submission = std::make_unique<Submission>();
    submission->atomic = request.atomic;
    submission->deadline_us = monotonic_us() + (request.hurried ? 20'000 : 10 * kSecond_us);
    if (request.opens) {
      submission->prelude = std::make_unique<OpenWallet>(opened_by(index));
      submission->orders.push_back({.payer = kOpeningAccount,
                                    .payee = opened_by(index),
                                    .amount = kStart,
                                    .kind = EntryKind::opening,
                                    .note = note_of(index, 0)});
      return submission;
    }
    for (std::size_t k = 0; k < request.payments.size(); ++k) {
      submission->orders.push_back(order_of(request, k, given_back));
      submission->orders.back().note = note_of(index, k);
    }
    const Order& first = submission->orders.front();
    if (request.keyed)
      submission->key = RequestKey{first.actor == Uuid{} ? first.payer.uuid : first.actor,
                                   key_of(index), sha256_half(note_of(index, 0))};
    return submission;
  }

  // Asks until the answer is final. Without a key only while nothing can have happened.
  void carry_out(std::size_t index) {
    const Request& request = scenario_.requests[index];
    const auto given_back = request.refunds ? acknowledged(index) : std::nullopt;
    auto& told = told_[index];
    if (static_cast<int>(++carried_out_) == scenario_.leaves_after) {
      processes_[0]->close();
      processes_[0]->abandon();
    }
    if (request.cancels && request.payments[0].asked >= 0)
      bank_.cancel(asked_id(request.payments[0].asked));
    // What is replayed was found out in an earlier try.
    const std::size_t seen_before = bank_.log_size();
    for (int attempt = 0; attempt < kTriesMax; ++attempt) {
      const Outcomes outcomes =
          processes_[(index + static_cast<std::size_t>(attempt)) % processes_.size()]->submit(
              make(index, given_back));
      const Window window{seen_before, bank_.log_size()};
      if (outcomes.size() != told.size()) return complain("another number of outcomes than orders");
      bool again = false;
      for (std::size_t k = 0; k < told.size(); ++k) {
        ++told[k].tries;
        again = note(index, k, outcomes[k], window) || again;
      }
      const bool may_repeat =
          request.keyed || request.opens || std::ranges::none_of(told, &Told::unknown);
      if (!again || !may_repeat) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  // True when the order is still in doubt.
  bool note(std::size_t index, std::size_t k, const Outcome& outcome, const Window& window) {
    Told& told = told_[index][k];
    const std::lock_guard lock(mutex_);
    told.is_final = outcome || !is_doubt(outcome.error().code);
    if (outcome) {
      if (outcome->id == Uuid{}) return false;  // a control order that changes nothing
      if (told.accepted && told.accepted->id != outcome->id && difference_.empty())
        difference_ = "one key, two transfers: order " + note_of(index, k);
      told.accepted = *outcome;
      return false;
    }
    const Code code = outcome.error().code;
    if (is_doubt(code)) {
      told.unknown = told.unknown || code == Code::outcome_unknown;
      return true;
    }
    told.refused = code;
    const Request& request = scenario_.requests[index];
    if (code == Code::insufficient_funds && !request.atomic && !request.refunds)
      shortages_.push_back({index, k, outcome.error().available, window});
    return false;
  }

  // Acknowledged: there exactly once. Refused: not there. Doubt: at most once.
  void check_answers() {
    std::map<std::string, std::vector<Transfer>> by_note;
    for (const Transfer& t : bank_.log()) by_note[t.note].push_back(t);
    for (std::size_t i = 0; i < told_.size(); ++i)
      for (std::size_t k = 0; k < told_[i].size(); ++k) {
        const Told& told = told_[i][k];
        const auto& found = by_note[note_of(i, k)];
        const std::string name = "order " + note_of(i, k);
        if (found.size() > 1)
          complain(name + " is there " + std::to_string(found.size()) + " times");
        const bool gone = told.accepted && bank_.gone().contains(told.accepted->id);
        if (told.accepted && !gone && (found.empty() || found[0].id != told.accepted->id))
          complain(name + " was acknowledged and is not there");
        if (told.accepted && !gone && !found.empty() && !same(found[0], *told.accepted))
          complain(name + " was acknowledged with other words than the books have");
        if (!told.accepted && !told.unknown && !found.empty() && !taken(i, told))
          complain(name + " was refused and is there");
        // Who waits for 20 ms only may come too late each time, and the only process may leave.
        const bool calm = scenario_.faults.empty() && scenario_.processes > 1;
        if (calm && !scenario_.requests[i].hurried && !told.is_final)
          complain(name + " was never answered though nothing failed");
      }
  }
  // An opened wallet that exists already is one that a try in doubt has made.
  bool taken(std::size_t index, const Told& told) const {
    return scenario_.requests[index].opens && told.tries > 1;
  }
  // A replay tells of the other side only its number.
  static bool same(const Transfer& a, const Transfer& b) {
    return a.payer == b.payer && a.payee == b.payee && a.amount == b.amount && a.kind == b.kind &&
           a.payer_side == b.payer_side && a.payee_side.seq == b.payee_side.seq &&
           a.place == b.place && a.created == b.created;
  }

  // A refusal must be true at some moment between the question and the answer.
  void check_shortages() {
    for (const auto& [index, k, available, window] : shortages_) {
      const Request& request = scenario_.requests[index];
      const Order order = order_of(request, k, std::nullopt);
      bool was_so = false;
      const auto& history = bank_.accounts().at(order.payer).entries;
      for (std::size_t i = 0; i < history.size(); ++i) {
        const Side& side = history[i].side;
        const bool begun = history[i].log_index <= window.second;
        const bool over = i + 1 < history.size() && history[i + 1].log_index < window.first;
        was_so = was_so || (begun && !over && available < order.amount &&
                            available == side.balance - side.held);
      }
      if (!was_so) complain("order " + note_of(index, k) + ": refused for a balance it never had");
    }
  }

  struct Shortage {
    std::size_t index, k;
    Amount available;
    Window window;
  };

  const Scenario& scenario_;
  Bank bank_;
  FaultPlan faults_;
  std::vector<Uuid> held_;  // by each wallet
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::vector<Told>> told_;
  std::vector<Shortage> shortages_;
  std::atomic<std::size_t> carried_out_ = 0;
  std::mutex mutex_;
  std::string difference_;
};

EntryKind kind_of(int dice) {
  if (dice == 0) return EntryKind::release;
  if (dice == 1) return EntryKind::capture;
  return dice < 4 ? EntryKind::hold : EntryKind::transfer;
}

rc::Gen<Payment> payments() {
  return rc::gen::map(
      rc::gen::tuple(any_in(-1, kWallets), any_in(0, kWallets), any_in<std::int64_t>(1, 120),
                     any_in(0, 14), any_in(-2 * kAsked, kAsked)),
      [](const auto& t) {
        const auto [payer, payee, amount, dice, asked] = t;
        return Payment{payer, payee, amount, kind_of(dice), std::max(asked, -1)};
      });
}

rc::Gen<Request> requests() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::resize(6, rc::gen::nonEmpty(
                                            rc::gen::container<std::vector<Payment>>(payments()))),
                     any_in(0, 16)),
      [](const auto& t) {
        const auto& [list, dice] = t;
        Request request{.payments = list};
        request.opens = dice == 0;
        request.atomic = dice == 1 || dice == 2;
        request.keyed = dice != 3 && dice != 4 && dice != 0;
        request.hurried = dice == 5;
        request.cancels = dice == 6 || dice == 11;
        request.controls = dice == 12 || dice == 13;
        request.refunds = dice >= 14;
        // Most requests pay once; under one key, who captures is another principal than who pays.
        const auto of_hold = [](const Payment& payment) {
          return payment.kind == EntryKind::capture || payment.kind == EntryKind::release;
        };
        const bool alone = request.keyed && std::ranges::any_of(request.payments, of_hold);
        if (dice > 6 || request.opens || alone) request.payments.resize(1);
        return request;
      });
}

rc::Gen<Fault> faults() {
  return rc::gen::map(any_in(0, 2 * static_cast<int>(Fault::kCount)), [](int dice) {
    return dice < static_cast<int>(Fault::kCount) ? static_cast<Fault>(dice) : Fault::none;
  });
}

rc::Gen<Scenario> scenarios(rc::Gen<Fault> fault, int requests_max, int faults_max) {
  return rc::gen::map(
      rc::gen::tuple(
          rc::gen::resize(requests_max, rc::gen::container<std::vector<Request>>(requests())),
          rc::gen::resize(faults_max, rc::gen::container<std::vector<Fault>>(std::move(fault))),
          any_in<unsigned>(0, 1'000'000), any_in(1, 10), any_in(-20, 20)),
      [](const auto& t) {
        Scenario scenario;
        std::tie(scenario.requests, scenario.faults, scenario.seed, scenario.batch_max,
                 scenario.leaves_after) = t;
        return scenario;
      });
}

void must_hold(const Scenario& scenario) {
  Run run(scenario);
  run.run();
  RC_ASSERT(run.difference() == "");
}

RC_GTEST_PROP(GroupCommit, IsRightWhateverTheDatabaseDoes, ()) {
  must_hold(*scenarios(faults(), 60, 25));
}

// Full batches on hot accounts are planned on those in flight.
RC_GTEST_PROP(GroupCommit, IsRightWhenBatchesArePlannedAhead, ()) {
  Scenario scenario = *scenarios(
      rc::gen::element(Fault::none, Fault::none, Fault::none, Fault::conflict, Fault::lost_before,
                       Fault::lost_after, Fault::lost_in_flight, Fault::unavailable,
                       Fault::duplicate_key, Fault::broken, Fault::chain_taken,
                       Fault::does_not_follow, Fault::request_changed),
      60, 25);
  scenario.batch_max = *any_in(1, 4);
  scenario.processes = *any_in(1, 3);
  scenario.committers = *any_in(2, 4);
  scenario.clients = 10;
  scenario.writing_us = 100;
  must_hold(scenario);
}

RC_GTEST_PROP(GroupCommit, IsRightWhenNothingFails, ()) {
  must_hold(*scenarios(rc::gen::just(Fault::none), 150, 0));
}

RC_GTEST_PROP(GroupCommit, IsRightWhenCommitsAreLostAgainAndAgain, ()) {
  must_hold(*scenarios(rc::gen::element(Fault::lost_before, Fault::lost_after,
                                        Fault::lost_in_flight, Fault::none, Fault::none),
                       60, 25));
}

// A failover to a copy that lacks what was acknowledged: that is gone, and nothing else is wrong.
RC_GTEST_PROP(GroupCommit, IsRightWhenTheDatabaseGoesBack, ()) {
  Scenario scenario =
      *scenarios(rc::gen::element(Fault::went_back, Fault::lost_before, Fault::lost_after,
                                  Fault::lost_in_flight, Fault::none, Fault::none, Fault::none,
                                  Fault::none, Fault::none, Fault::none),
                 60, 60);
  scenario.goes_back = true;
  must_hold(scenario);
}

}  // namespace
}  // namespace instapay::testing
