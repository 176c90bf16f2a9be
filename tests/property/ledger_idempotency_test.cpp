// The same request under the same key has one answer, for ever, and moves money once: whoever was
// frozen, closed, limited or registered since, whichever process is asked, whatever the database
// does meanwhile.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "support/generate.h"
#include "support/process.h"
#include "support/verdict.h"

namespace instapay::testing {
namespace {

constexpr Amount kStart{100}, kPaidBefore{40};
constexpr int kWallets = 4, kTemplates = 3;
constexpr Uuid kOperator = Uuid::reserved(9);

struct Item {
  int payee = 0;
  std::int64_t amount_minor = 1;
};

/// What a client may ask for again and again. Each has a key of its own.
struct Template {
  int payer = 0;
  std::vector<Item> items;
  bool atomic = false;
  bool refunds = false;      // what the wallet before paid
  bool by_operator = false;  // a refund: the operator's key, and the payer's money
};

/// One question. What names resolve to, and what accounts may do, changes from one to the next.
struct Ask {
  int subject = 0;       // which template; beyond them: an operator changes a wallet
  bool another = false;  // another request under the same key
  unsigned unknown = 0;  // bit k: nobody has the name of the payee of item k, today
  int process = 0;
};

struct History {
  std::vector<Template> templates;
  std::vector<Ask> asks;
  std::vector<Fault> faults;
  unsigned seed = 0;
  int batch_max = 8;
};

std::ostream& operator<<(std::ostream& out, const History& h) {
  out << "seed " << h.seed << ", batch_max " << h.batch_max << "\nfaults:";
  for (const Fault fault : h.faults) out << ' ' << static_cast<int>(fault);
  for (const Template& t : h.templates) {
    out << "\ntemplate " << t.payer << (t.atomic ? " atomic" : "") << (t.refunds ? " refunds" : "")
        << (t.by_operator ? " by operator" : "");
    for (const Item& item : t.items) out << " ->" << item.payee << ':' << item.amount_minor;
  }
  for (const Ask& ask : h.asks)
    out << "\nask " << ask.subject << (ask.another ? " another" : "") << " unknown " << ask.unknown
        << " at " << ask.process;
  return out;
}

AccountId wallet(int index) { return {Uuid::reserved(static_cast<std::uint8_t>(16 + index))}; }

Control control_of(unsigned dice) {
  switch (dice % 8) {
    case 0:
      return {.status = AccountStatus::frozen};
    case 1:
      return {.status = AccountStatus::closed};
    case 2:
      return {.limits = OwnLimits{Amount{15}, std::nullopt}};
    case 3:
      return {.limits = OwnLimits{std::nullopt, Amount{50}}};
    default:
      return {.status = AccountStatus::active, .limits = OwnLimits{}};
  }
}

// The words of an outcome that must be the same each time; a replay tells of the other side its
// number.
std::string words_of(const Outcome& outcome) {
  if (!outcome) {
    const Refusal& why = outcome.error();
    return fmt::format("{} {} {} {}", info(why.code).name, why.available.minor, why.limit.minor,
                       why.resets.us);
  }
  const Transfer& t = *outcome;
  return fmt::format("{} {} {} {} {} #{} {} {} #{} {}/{}/{} {} {}", t.id.to_string(),
                     t.payer.to_string(), t.payee.to_string(), t.amount.minor, name_of(t.kind),
                     t.payer_side.seq.value, t.payer_side.balance.minor, t.payer_side.held.minor,
                     t.payee_side.seq.value, t.place.chain_id, t.place.batch_seq, t.place.position,
                     t.created.us, t.note);
}

class Run {
 public:
  explicit Run(const History& history)
      : history_(history), bank_(history.seed), faults_(history.faults) {
    std::vector<AccountId> wallets;
    for (int i = 0; i < kWallets; ++i) wallets.push_back(wallet(i));
    open_wallets(bank_, wallets, kStart);
    pay_before();
    for (int i = 0; i < 2; ++i)
      processes_.push_back(std::make_unique<Process>(bank_, faults_, 2,
                                                     static_cast<std::size_t>(history.batch_max)));
  }

  std::string run() {
    {
      constexpr std::size_t kClients = 3;
      std::vector<std::jthread> clients;
      for (std::size_t client = 0; client < kClients; ++client)
        clients.emplace_back([this, client] {
          try {
            for (std::size_t i = client; i < history_.asks.size(); i += kClients) ask(i);
          } catch (const std::exception& exception) {
            complain(exception.what());
          }
        });
    }
    for (auto& process : processes_) process->stop();
    bank_.settle_all();
    for (const auto& [subject, answers] : answers_) check(subject, answers);
    complain(Verdict(bank_).difference());
    return difference_;
  }

 private:
  struct Answer {
    bool another = false;
    int begun = 0, ended = 0;
    Outcomes outcomes;

    bool is_whole_refusal() const {
      return std::ranges::none_of(outcomes, [](const Outcome& o) { return o.has_value(); });
    }
    bool is_doubt() const {
      return std::ranges::any_of(
          outcomes, [](const Outcome& o) { return !o && info(o.error().code).status >= 500; });
    }
    bool is_reuse() const {
      return std::ranges::all_of(outcomes, [](const Outcome& o) {
        return !o && o.error().code == Code::idempotency_key_reused;
      });
    }
    std::vector<std::string> words() const {
      std::vector<std::string> all;
      for (const Outcome& outcome : outcomes) all.push_back(words_of(outcome));
      return all;
    }
  };

  void complain(const std::string& what) {
    const std::lock_guard lock(mutex_);
    if (difference_.empty()) difference_ = what;
  }

  // Wallet i has paid wallet i + 1, which may give it back.
  void pay_before() {
    FaultPlan calm({});
    Process process(bank_, calm, 1, 8);
    for (int i = 0; i < kWallets; ++i) {
      auto submission = std::make_unique<Submission>();
      submission->deadline_us = monotonic_us() + 10 * kSecond_us;
      submission->orders.push_back({.payer = wallet(i),
                                    .payee = wallet((i + 1) % kWallets),
                                    .amount = kPaidBefore,
                                    .note = "before"});
      const Outcomes outcomes = process.submit(std::move(submission));
      paid_before_[(i + 1) % kWallets] = outcomes.at(0).value().id;
    }
  }

  SubmissionPtr make(const Ask& ask) const {
    auto submission = std::make_unique<Submission>();
    submission->deadline_us = monotonic_us() + 10 * kSecond_us;
    const auto count = static_cast<int>(history_.templates.size());
    if (ask.subject >= count) {
      submission->orders.push_back({.payer = wallet((ask.subject - count) % kWallets),
                                    .kind = EntryKind::control,
                                    .note = "control",
                                    .actor = kOperator,
                                    .control = control_of(ask.unknown)});
      return submission;
    }
    const Template& t = history_.templates[static_cast<std::size_t>(ask.subject)];
    submission->atomic = t.atomic;
    for (std::size_t k = 0; k < t.items.size(); ++k) {
      const Item& item = t.items[k];
      Order order{.payer = wallet(t.payer),
                  .payee = wallet(item.payee),
                  .amount = {item.amount_minor + (ask.another ? 1 : 0)},
                  .note = fmt::format("{}/{}/{}", ask.subject, ask.another, k)};
      if (t.refunds) {
        order.payee = wallet((t.payer + kWallets - 1) % kWallets);
        order.kind = EntryKind::refund;
        order.refund_of = paid_before_.at(t.payer);
        if (t.by_operator) order.actor = kOperator;
      } else if ((ask.unknown >> k & 1) != 0) {
        order.payee = {};
        order.refused = Code::payee_not_found;
      }
      submission->orders.push_back(std::move(order));
    }
    const bool operators = t.refunds && t.by_operator;
    submission->key = RequestKey{operators ? kOperator : wallet(t.payer).uuid,
                                 Hash128{static_cast<std::uint8_t>(ask.subject), 1},
                                 sha256_half(ask.another ? "another" : "one")};
    return submission;
  }

  void ask(std::size_t index) {
    const Ask& ask = history_.asks[index];
    Answer answer{.another = ask.another};
    answer.begun = ++moments_;
    answer.outcomes = processes_[static_cast<std::size_t>(ask.process)]->submit(make(ask));
    answer.ended = ++moments_;
    if (ask.subject >= static_cast<int>(history_.templates.size())) return;
    const std::lock_guard lock(mutex_);
    answers_[ask.subject].push_back(std::move(answer));
  }

  void check(int subject, const std::vector<Answer>& answers) {
    const std::string name = "template " + std::to_string(subject) + ": ";
    const Answer* first = nullptr;
    for (const Answer& answer : answers) {
      if (answer.is_doubt() || answer.is_whole_refusal()) continue;
      if (first == nullptr) first = &answer;
      if (answer.another != first->another) complain(name + "two requests under one key happened");
      if (answer.words() != first->words())
        complain(name + fmt::format("two answers:\n  {}\n  {}", fmt::join(first->words(), ", "),
                                    fmt::join(answer.words(), ", ")));
    }
    check_log(subject, first);
    for (const Answer& answer : answers) {
      if (first == nullptr || answer.is_doubt() || answer.begun < first->ended) continue;
      if (answer.another == first->another && answer.is_whole_refusal())
        complain(name + "what happened was refused later");
      if (answer.another != first->another && !answer.is_reuse())
        complain(name + "another request under its key was not told so");
    }
  }

  // The money moved once, as it was answered; without an answer at most once.
  void check_log(int subject, const Answer* first) {
    std::map<std::string, int> moved;
    std::size_t count = 0, requests = 0;
    for (const Transfer& t : bank_.log()) {
      if (!t.note.starts_with(std::to_string(subject) + "/")) continue;
      ++count;
      requests += t.key ? 1 : 0;
      if (++moved[t.note] > 1) complain("order " + t.note + " happened twice");
    }
    if (requests > 1) complain("a key was used twice");
    if (first == nullptr) return;
    const auto accepted =
        std::ranges::count_if(first->outcomes, [](const Outcome& o) { return o.has_value(); });
    if (static_cast<std::size_t>(accepted) != count)
      complain("template " + std::to_string(subject) + ": answered otherwise than it happened");
  }

  const History& history_;
  Bank bank_;
  FaultPlan faults_;
  std::map<int, Uuid> paid_before_;  // by who received it
  std::vector<std::unique_ptr<Process>> processes_;
  std::atomic<int> moments_ = 0;
  std::mutex mutex_;
  std::map<int, std::vector<Answer>> answers_;
  std::string difference_;
};

rc::Gen<Template> templates() {
  const auto item =
      rc::gen::map(rc::gen::tuple(any_in(0, kWallets), any_in<std::int64_t>(1, 60)),
                   [](const auto& t) { return Item{std::get<0>(t), std::get<1>(t)}; });
  return rc::gen::map(
      rc::gen::tuple(
          any_in(0, kWallets),
          rc::gen::resize(4, rc::gen::nonEmpty(rc::gen::container<std::vector<Item>>(item))),
          any_in(0, 10)),
      [](const auto& t) {
        const auto& [payer, items, dice] = t;
        return Template{.payer = payer,
                        .items = items,
                        .atomic = dice == 0 || dice == 4,
                        .refunds = dice >= 7,
                        .by_operator = dice >= 8};
      });
}

rc::Gen<Ask> asks() {
  return rc::gen::map(rc::gen::tuple(any_in(0, 6), any_in(0, 5), any_in(0U, 16U), any_in(0, 2)),
                      [](const auto& t) {
                        const auto& [subject, dice, unknown, process] = t;
                        const bool changes = subject >= kTemplates || dice < 3;
                        return Ask{subject, dice == 0, changes ? unknown : 0, process};
                      });
}

History histories(rc::Gen<Fault> faults) {
  History history;
  history.templates = *rc::gen::container<std::vector<Template>>(kTemplates, templates());
  history.asks = *rc::gen::resize(80, rc::gen::container<std::vector<Ask>>(asks()));
  history.faults = *rc::gen::resize(20, rc::gen::container<std::vector<Fault>>(std::move(faults)));
  history.seed = *any_in<unsigned>(0, 1'000'000);
  history.batch_max = *any_in(1, 10);
  return history;
}

void must_hold(const History& history) {
  std::ostringstream text;
  text << history;
  RC_LOG(text.str());
  Run run(history);
  RC_ASSERT(run.run() == "");
}

RC_GTEST_PROP(Idempotency, OneRequestHasOneAnswerForEver, ()) {
  must_hold(histories(rc::gen::just(Fault::none)));
}

RC_GTEST_PROP(Idempotency, OneRequestHasOneAnswerThoughCommitsAreLost, ()) {
  must_hold(histories(rc::gen::element(Fault::lost_before, Fault::lost_after, Fault::lost_in_flight,
                                       Fault::duplicate_key, Fault::conflict, Fault::none,
                                       Fault::none, Fault::none)));
}

}  // namespace
}  // namespace instapay::testing
