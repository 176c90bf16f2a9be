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

namespace instapay::testing {
namespace {

constexpr std::int64_t kStart_minor = 100;
constexpr int kWallets = 4;
constexpr int kTriesMax = 40;

struct Payment {
  int payer = 0, payee = 1;  // of the wallets; payer -1: the settlement account
  std::int64_t amount_minor = 1;
};

struct Request {
  std::vector<Payment> payments;
  bool atomic = false, keyed = true;
  bool opens = false;    // a new wallet with its grant, in a prelude
  bool refunds = false;  // gives back a transfer that was acknowledged before, if there is one
  bool hurried = false;  // a deadline so short that it may pass
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
};

std::ostream& operator<<(std::ostream& out, const Scenario& s) {
  out << "seed " << s.seed << ", batch_max " << s.batch_max << ", leaves_after " << s.leaves_after
      << ", " << s.processes << " x " << s.committers << " committers, " << s.clients
      << " clients, " << s.writing_us << " us a write\nfaults:";
  for (const Fault fault : s.faults) out << ' ' << static_cast<int>(fault);
  for (const Request& request : s.requests) {
    out << (request.atomic ? "\natomic" : "\n") << (request.keyed ? " keyed" : " keyless")
        << (request.opens ? " opens" : "") << (request.refunds ? " refunds" : "")
        << (request.hurried ? " hurried" : "");
    for (const Payment& p : request.payments)
      out << ' ' << p.payer << "->" << p.payee << ':' << p.amount_minor;
  }
  return out;
}

Uuid wallet(int index) {
  return index < 0 ? kSettlementAccount : Uuid::reserved(static_cast<std::uint8_t>(16 + index));
}

bool is_doubt(Code code) { return info(code).status >= 500; }

// What became of one order of a request, over all its tries.
struct Told {
  std::optional<Transfer> accepted;
  std::optional<Code> refused;  // the last word, when it is final
  bool unknown = false;         // some try ended in outcome_unknown
  int tries = 0;
};

class Run {
 public:
  explicit Run(const Scenario& scenario)
      : scenario_(scenario), bank_(scenario.seed), faults_(scenario.faults) {
    for (int i = 0; i < kWallets; ++i)
      bank_.add(Account{.id = wallet(i), .balance_minor = kStart_minor});
    for (int i = 0; i < scenario.processes; ++i)
      processes_.push_back(std::make_unique<Process>(
          bank_, faults_, scenario.committers, static_cast<std::size_t>(scenario.batch_max),
          std::chrono::microseconds(scenario.writing_us)));
    told_.resize(scenario.requests.size());
    for (std::size_t i = 0; i < told_.size(); ++i)
      told_[i].resize(std::max<std::size_t>(1, scenario.requests[i].payments.size()));
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
    check_books();
    check_chains();
    check_sequential();
  }

  std::string difference() const { return difference_; }

 private:
  void complain(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (difference_.empty()) difference_ = what;
  }

  static Hash128 key_of(std::size_t request, std::size_t order) {
    return {static_cast<std::uint8_t>(request), static_cast<std::uint8_t>(request >> 8),
            static_cast<std::uint8_t>(order), 1};
  }
  static std::string note_of(std::size_t request, std::size_t order) {
    return std::to_string(request) + '/' + std::to_string(order);
  }
  static Uuid opened_by(std::size_t request) {
    Uuid id = Uuid::reserved(255);
    id.bytes[0] = static_cast<std::uint8_t>(request);
    id.bytes[1] = static_cast<std::uint8_t>(request >> 8);
    return id;
  }

  // One of the last two transfers that were acknowledged, so that several requests refund the same.
  std::optional<Transfer> acknowledged(std::size_t dice) {
    const std::lock_guard lock(mutex_);
    std::vector<const Transfer*> all;
    for (const auto& request : told_)
      for (const Told& told : request)
        if (told.accepted && told.accepted->kind == TransferKind::transfer)
          all.push_back(&*told.accepted);
    if (all.empty()) return std::nullopt;
    return *all[all.size() - 1 - dice % std::min<std::size_t>(2, all.size())];
  }

  SubmissionPtr make(std::size_t index, const std::string& opened_name,
                     const std::optional<Transfer>& given_back) const {
    const Request& request = scenario_.requests[index];
    auto submission = std::make_unique<Submission>();
    submission->atomic = request.atomic;
    submission->deadline_us = monotonic_us() + (request.hurried ? 20'000 : 10 * kSecond_us);
    if (request.opens) {
      submission->prelude.emplace(pg::Connection::Step{{opened_name, ""}});
      submission->orders.push_back({.payer = kOpeningAccount,
                                    .payee = opened_by(index),
                                    .amount_minor = kStart_minor,
                                    .kind = TransferKind::opening,
                                    .note = note_of(index, 0)});
      return submission;
    }
    for (std::size_t k = 0; k < request.payments.size(); ++k) {
      const Payment& payment = request.payments[k];
      Order order{.payer = wallet(payment.payer),
                  .payee = wallet(payment.payee),
                  .amount_minor = payment.amount_minor,
                  .kind = payment.payer < 0 ? TransferKind::adjustment : TransferKind::transfer,
                  .note = note_of(index, k)};
      if (given_back) {
        order.payer = given_back->payee;
        order.payee = given_back->payer;
        order.kind = TransferKind::refund;
        order.refund_of = given_back->id;
        if (payment.amount_minor > kStart_minor) order.amount_minor = kAllThatRemains;
      }
      if (request.keyed) order.key = key_of(index, k);
      order.request_hash = sha256_half(order.note);
      submission->orders.push_back(std::move(order));
    }
    return submission;
  }

  // Asks until the answer is final. Without a key only while nothing can have happened.
  void carry_out(std::size_t index) {
    const Request& request = scenario_.requests[index];
    const std::string opened_name = opened_by(index).to_string();
    const auto given_back = request.refunds ? acknowledged(index) : std::nullopt;
    auto& told = told_[index];
    if (static_cast<int>(++carried_out_) == scenario_.leaves_after) {
      processes_[0]->close();
      processes_[0]->abandon();
    }
    for (int attempt = 0; attempt < kTriesMax; ++attempt) {
      auto submission = make(index, opened_name, given_back);
      const std::size_t seen_before = bank_.log_size();
      const Outcomes outcomes =
          processes_[(index + static_cast<std::size_t>(attempt)) % processes_.size()]->submit(
              std::move(submission));
      const std::size_t seen_after = bank_.log_size();
      if (outcomes.size() != told.size()) return complain("another number of outcomes than orders");
      bool again = false;
      for (std::size_t k = 0; k < told.size(); ++k) {
        ++told[k].tries;
        again = note(index, k, outcomes[k], {seen_before, seen_after}) || again;
      }
      const bool may_repeat =
          request.keyed || request.opens || std::ranges::none_of(told, &Told::unknown);
      if (!again || !may_repeat) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  // True when the order is still in doubt.
  bool note(std::size_t index, std::size_t k, const Outcome& outcome,
            std::pair<std::size_t, std::size_t> window) {
    Told& told = told_[index][k];
    const std::lock_guard lock(mutex_);
    if (outcome) {
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
      shortages_.push_back({index, k, outcome.error().available_minor, window});
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
        if (told.accepted && (found.empty() || found[0].id != told.accepted->id))
          complain(name + " was acknowledged and is not there");
        if (told.accepted && !found.empty() && !same(found[0], *told.accepted))
          complain(name + " was acknowledged with other words than the books have");
        if (!told.accepted && !told.unknown && !found.empty() && !taken(i, told))
          complain(name + " was refused and is there");
      }
  }
  // An opened wallet that exists already is one that a try in doubt has made.
  bool taken(std::size_t index, const Told& told) const {
    return scenario_.requests[index].opens && told.tries > 1;
  }
  static bool same(const Transfer& a, const Transfer& b) {
    return a.payer == b.payer && a.payee == b.payee && a.amount_minor == b.amount_minor &&
           a.payer_balance_minor == b.payer_balance_minor && a.chain_id == b.chain_id &&
           a.batch_seq == b.batch_seq && a.position == b.position && a.created_us == b.created_us;
  }

  void check_books() {
    std::map<Uuid, std::int64_t> sums;
    std::set<std::pair<Uuid, Hash128>> keys;
    std::map<Uuid, std::int64_t> left;  // to refund, by transfer
    for (const Transfer& t : bank_.log()) {
      if (t.kind == TransferKind::transfer) left[t.id] = t.amount_minor;
      if (t.kind == TransferKind::refund && (left[t.refund_of] -= t.amount_minor) < 0)
        complain("more was refunded than was paid");
      sums[t.payer] -= t.amount_minor;
      sums[t.payee] += t.amount_minor;
      if (t.key && !keys.emplace(t.payer, *t.key).second) complain("a key applied twice");
    }
    std::int64_t total = 0;
    for (const auto& [id, account] : bank_.accounts()) {
      const bool first_wallets = id >= wallet(0) && id <= wallet(kWallets - 1);
      const std::int64_t start = first_wallets ? kStart_minor : 0;
      total += account.balance_minor - start;
      if (account.balance_minor != start + sums[id]) complain("a balance is not its entries");
      if (account.kind == AccountKind::wallet && account.balance_minor < 0)
        complain("a negative balance");
    }
    if (total != 0) complain("money was made or lost");
  }

  void check_chains() {
    std::map<std::int32_t, std::pair<std::int64_t, Hash256>> ends;
    std::map<std::pair<std::int32_t, std::int64_t>, std::vector<Hash256>> leaves;
    for (const Transfer& t : bank_.log()) {
      const std::pair place{t.chain_id, t.batch_seq};
      leaves[place].push_back(leaf_hash(t, bank_.batches().at(place).row.secret));
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

  // The model: one transfer after the other, in the order of the log.
  void check_sequential() {
    std::map<Uuid, std::int64_t> balances, last_us;
    for (int i = 0; i < kWallets; ++i) balances[wallet(i)] = kStart_minor;
    for (const Transfer& t : bank_.log()) {
      const bool covered = t.payer == kOpeningAccount || t.payer == kSettlementAccount ||
                           balances[t.payer] >= t.amount_minor;
      const auto payer = balances[t.payer] -= t.amount_minor;
      const auto payee = balances[t.payee] += t.amount_minor;
      if (!covered || payer != t.payer_balance_minor || payee != t.payee_balance_minor)
        complain("transfer " + t.note + " is not what the model does");
      if (t.created_us <= std::max(last_us[t.payer], last_us[t.payee]))
        complain("transfer " + t.note + " is not after the last of its accounts");
      last_us[t.payer] = last_us[t.payee] = t.created_us;
    }
    // A refusal must be true at some moment between the question and the answer.
    for (const auto& [index, k, available, window] : shortages_) {
      const Payment& payment = scenario_.requests[index].payments[k];
      bool was_so = false;
      const auto& history = bank_.balances(wallet(payment.payer));
      for (std::size_t i = 0; i < history.size(); ++i) {
        const bool begun = history[i].log_index <= window.second;
        const bool over = i + 1 < history.size() && history[i + 1].log_index < window.first;
        was_so = was_so || (begun && !over && history[i].balance_minor == available &&
                            available < payment.amount_minor);
      }
      if (!was_so) complain("order " + note_of(index, k) + ": refused for a balance it never had");
    }
  }

  struct Shortage {
    std::size_t index, k;
    std::int64_t available_minor;
    std::pair<std::size_t, std::size_t> window;  // of the log, when asked and when answered
  };

  const Scenario& scenario_;
  Bank bank_;
  FaultPlan faults_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::vector<Told>> told_;
  std::vector<Shortage> shortages_;
  std::atomic<std::size_t> carried_out_ = 0;
  std::mutex mutex_;
  std::string difference_;
};

rc::Gen<Payment> payments() {
  return rc::gen::map(
      rc::gen::tuple(any_in(-1, kWallets), any_in(0, kWallets), any_in<std::int64_t>(1, 120)),
      [](const auto& t) {
        const auto [payer, payee, amount] = t;
        return Payment{payer, payee, amount};
      });
}

rc::Gen<Request> requests() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::resize(6, rc::gen::nonEmpty(
                                            rc::gen::container<std::vector<Payment>>(payments()))),
                     any_in(0, 14)),
      [](const auto& t) {
        const auto& [list, dice] = t;
        Request request{.payments = list};
        request.opens = dice == 0;
        request.atomic = dice == 1 || dice == 2;
        request.keyed = dice != 3 && dice != 4 && dice != 0;
        request.hurried = dice == 5;
        request.refunds = dice >= 12;
        // Most requests pay once.
        if (dice > 6 || request.opens) request.payments.resize(1);
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
                       Fault::duplicate_key, Fault::broken, Fault::chain_taken),
      60, 25);
  scenario.batch_max = *any_in(1, 4);
  scenario.processes = *any_in(1, 3);
  scenario.committers = *any_in(2, 4);
  scenario.clients = 10;
  scenario.writing_us = 100;
  must_hold(scenario);
}

RC_GTEST_PROP(GroupCommit, IsRightWhenNothingFails, ()) {
  must_hold(*scenarios(rc::gen::just(Fault::none), 150, 1));
}

RC_GTEST_PROP(GroupCommit, IsRightWhenCommitsAreLostAgainAndAgain, ()) {
  must_hold(*scenarios(rc::gen::element(Fault::lost_before, Fault::lost_after,
                                        Fault::lost_in_flight, Fault::none, Fault::none),
                       60, 25));
}

}  // namespace
}  // namespace instapay::testing
