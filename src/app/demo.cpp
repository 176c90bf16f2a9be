#include "app/demo.h"

#include <fmt/format.h>

#include <random>
#include <thread>

#include "auth/password.h"
#include "core/limits.h"
#include "core/time.h"
#include "ledger/commit/committer.h"
#include "ledger/store/pg_store.h"
#include "queries/operations.h"
#include "telemetry/log.h"

namespace instapay::app {
namespace {

using ledger::EntryKind;
using ledger::Order;

constexpr std::size_t kRowsPerStatement = 5'000;
constexpr std::size_t kOrdersPerSubmission = 500;
constexpr std::size_t kQueued = 40;  // submissions in the queue at a time

constexpr std::string_view kFirstNames[] = {
    "amira", "basma", "dalia",  "eman",  "farida", "hana",    "laila", "mariam", "nour",    "salma",
    "ahmed", "adam",  "hassan", "karim", "khaled", "mostafa", "osman", "tarek",  "youssef", "ziad"};
constexpr std::string_view kLastNames[] = {"abdelrahman", "elsayed", "fahmy",  "hamdy", "ibrahim",
                                           "kamal",       "mansour", "nassar", "saleh", "zaki"};
constexpr std::string_view kNotes[] = {"",      "",         "lunch",     "rent",   "taxi",
                                       "gift",  "",         "groceries", "coffee", "tickets",
                                       "books", "football", "thank you", "",       "electricity"};

struct People {
  std::vector<Uuid> ids;
  std::vector<std::string> usernames, emails, names, hashes;
};

std::string capitalized(std::string_view word) {
  std::string text(word);
  text[0] = static_cast<char>(text[0] - 32);
  return text;
}

People make_people(const SeedOptions& options, std::int64_t begins_us, int bcrypt_cost) {
  People people;
  const std::string hash =
      options.password.empty()
          ? std::string("!")  // no password fits this
          : auth::hash_password(auth::normalize_password(options.password).value_or(""),
                                bcrypt_cost);
  for (std::int64_t i = 0; i < options.accounts; ++i) {
    const auto first = kFirstNames[static_cast<std::size_t>(i) % std::size(kFirstNames)];
    const auto last = kLastNames[static_cast<std::size_t>(i * 7 + i / 20) % std::size(kLastNames)];
    std::string username = fmt::format("u{:06}", i + 1);
    std::string name = fmt::format("User {}", i + 1);
    if (options.named) {
      username = i < 20 ? std::string(first) : fmt::format("{}.{}{}", first, last, i / 20);
      name = capitalized(first) + " " + capitalized(last);
    }
    people.ids.push_back(Uuid::v7(begins_us + i));
    people.emails.push_back(username + "@" + options.email_domain);
    people.usernames.push_back(std::move(username));
    people.names.push_back(std::move(name));
    people.hashes.push_back(hash);
  }
  return people;
}

template <class T>
std::vector<std::string_view> views(const std::vector<T>& texts, std::size_t from, std::size_t to) {
  return {texts.begin() + static_cast<std::ptrdiff_t>(from),
          texts.begin() + static_cast<std::ptrdiff_t>(to)};
}

// All of them or none.
std::expected<void, std::string> insert_people(pg::Connection& connection, const People& people,
                                               std::int64_t begins_us) {
  if (auto begun = connection.exec("BEGIN"); !begun) return std::unexpected(begun.error().message);
  for (std::size_t from = 0; from < people.ids.size(); from += kRowsPerStatement) {
    const std::size_t to = std::min(from + kRowsPerStatement, people.ids.size());
    pg::Params params;
    params.add_array(std::span(people.ids).subspan(from, to - from));
    for (const auto* column : {&people.usernames, &people.emails, &people.names, &people.hashes})
      params.add_array(views(*column, from, to));
    params.add_time(begins_us);
    const auto done = connection.query(queries::operations::insert_users, params);
    if (!done) return std::unexpected(done.error().message);
    if (done->affected() == static_cast<std::int64_t>(to - from)) continue;
    static_cast<void>(connection.exec("ROLLBACK"));
    return std::unexpected("some of these users are there already; seed an empty database");
  }
  if (auto done = connection.exec("COMMIT"); !done) return std::unexpected(done.error().message);
  return {};
}

// What became of the orders.
struct Tally {
  std::int64_t carried_out = 0, refused = 0;
  Code first_refusal = Code::internal_error;

  void add(const ledger::Outcomes& outcomes) {
    for (const auto& outcome : outcomes) {
      if (outcome) {
        ++carried_out;
      } else if (refused++ == 0) {
        first_refusal = outcome.error().code;
      }
    }
  }
};

class Counted final : public Completion<ledger::Outcomes> {
 public:
  explicit Counted(Tally& tally) : tally_(tally) {}
  void complete(ledger::Outcomes outcomes) override { tally_.add(outcomes); }

 private:
  Tally& tally_;
};

// Drives the ledger's own committers without a server around them. Answers are counted by the
// thread that pushes.
class Feeder {
 public:
  Feeder(const Config& config, const std::string& url)
      : queue_(kQueued * kOrdersPerSubmission, kOrdersPerSubmission * 4),
        book_(kAccountBookMax),
        answers_(io_) {
    pg::ConnectOptions options{url, "instapay_user", "instapay seed"};
    for (int i = 0; i < config.committers; ++i) {
      committers_.push_back(std::make_unique<ledger::Committer>(
          queue_, book_, room_, std::make_unique<ledger::PgStore>(options),
          ledger::Terms{{}, std::string(config.currency.code)}));
      threads_.emplace_back([c = committers_.back().get()] { c->run(); });
    }
  }
  ~Feeder() {
    queue_.close();
    for (auto& committer : committers_) committer->abandon();
  }

  void push(std::vector<Order> orders, std::int64_t now_us) {
    auto submission = std::make_unique<ledger::Submission>();
    submission->orders = std::move(orders);
    submission->now = ledger::Time{now_us};
    submission->deadline_us = monotonic_us() + 3600 * kSecond_us;
    submission->completion = std::make_unique<Counted>(tally_);
    submission->reply = &answers_;
    while (!queue_.push(submission)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    count_answers();
  }
  void finish() {
    queue_.close();
    threads_.clear();
    count_answers();
  }
  std::int64_t waiting() const { return static_cast<std::int64_t>(queue_.depth()); }
  const Tally& tally() const { return tally_; }

 private:
  void count_answers() {
    io_.restart();
    io_.poll();
  }

  Tally tally_;
  asio::io_context io_;
  ledger::Queue queue_;
  ledger::AccountBook book_;
  ledger::Room room_;
  Mailbox<ledger::Outcomes> answers_;
  std::vector<std::unique_ptr<ledger::Committer>> committers_;
  std::vector<std::jthread> threads_;
};

// Orders that can be carried out, one after the other: what everybody has is kept.
class Story {
 public:
  Story(const SeedOptions& options, const People& people)
      : options_(options), people_(people), random_(options.seed), balances_(people.ids.size()) {}

  Order grant(std::size_t to) {
    balances_[to] += options_.opening_minor;
    return {.payer = ledger::kOpeningAccount,
            .payee = {people_.ids[to]},
            .amount = {options_.opening_minor},
            .kind = EntryKind::opening};
  }

  // Somebody has something: what all have together never changes.
  Order transfer() {
    std::size_t from = draw();
    while (balances_[from] == 0) from = (from + 1) % people_.ids.size();
    std::size_t to = draw();
    while (to == from) to = draw();
    const auto wanted = static_cast<std::int64_t>(100 + random_() % 20'000);
    const std::int64_t amount = std::min(wanted, balances_[from]);
    balances_[from] -= amount;
    balances_[to] += amount;
    return {.payer = {people_.ids[from]},
            .payee = {people_.ids[to]},
            .amount = {amount},
            .note = std::string(kNotes[random_() % std::size(kNotes)])};
  }

 private:
  std::size_t draw() { return random_() % people_.ids.size(); }

  const SeedOptions& options_;
  const People& people_;
  std::mt19937_64 random_;
  std::vector<std::int64_t> balances_;
};

std::expected<void, std::string> all_carried_out(const Tally& tally, std::int64_t sent) {
  if (tally.carried_out == sent) return {};
  return std::unexpected(fmt::format(
      "{} of {} orders were refused, the first as {}; the users and the other {} stand",
      sent - tally.carried_out, sent, info(tally.first_refusal).name, tally.carried_out));
}

}  // namespace

std::expected<Seeded, std::string> seed(
    const Config& config, const std::string& database_url, const SeedOptions& options,
    const std::function<void(std::string_view, std::int64_t, std::int64_t)>& progress) {
  if (options.opening_minor == 0 && options.transfers > 0)
    return std::unexpected(
        "nobody would have anything to send: OPENING_BALANCE is 0 (give one, or --transfers 0)");
  auto connection = pg::Connection::open({database_url, "instapay_user", "instapay seed", 0});
  if (!connection) return std::unexpected(connection.error().message);
  const std::int64_t ends_us = now_us();
  const std::int64_t begins_us = ends_us - options.days * kDay_us;
  const People people = make_people(options, begins_us, config.bcrypt_cost);
  if (auto done = insert_people(*connection, people, begins_us); !done)
    return std::unexpected(done.error());
  progress("users", options.accounts, options.accounts);

  Story story(options, people);
  const std::int64_t grants = options.opening_minor == 0 ? 0 : options.accounts;
  const std::int64_t all = grants + options.transfers;
  std::int64_t pushed = 0;
  Feeder feeder(config, database_url);
  std::vector<Order> orders;
  std::int64_t at_us = begins_us;
  const auto flush = [&] {
    pushed += static_cast<std::int64_t>(orders.size());
    if (!orders.empty()) feeder.push(std::exchange(orders, {}), at_us);
    progress("transfers", pushed - feeder.waiting(), all);
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(grants); ++i) {
    orders.push_back(story.grant(i));
    if (orders.size() >= kOrdersPerSubmission) flush();
  }
  flush();
  // Evenly over the time.
  const std::size_t per_flush = std::clamp<std::size_t>(
      static_cast<std::size_t>(options.transfers) / 2'000, 1, kOrdersPerSubmission);
  for (std::int64_t i = 0; i < options.transfers && feeder.tally().refused == 0; ++i) {
    at_us = begins_us + (ends_us - begins_us) / options.transfers * i;
    orders.push_back(story.transfer());
    if (orders.size() >= per_flush) flush();
  }
  flush();
  while (feeder.waiting() > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    progress("transfers", pushed - feeder.waiting(), all);
  }
  feeder.finish();
  if (auto done = all_carried_out(feeder.tally(), pushed); !done)
    return std::unexpected(done.error());
  progress("transfers", all, all);
  return Seeded{options.accounts, options.transfers, people.emails.front()};
}

std::expected<void, std::string> load_demo(const Config& config, const std::string& database_url) {
  if (config.production()) return std::unexpected("--demo is not for production");
  auto connection = pg::Connection::open({database_url, "instapay_user", "instapay seed"});
  if (!connection) return std::unexpected(connection.error().message);
  const auto users = connection->query(queries::operations::count_users);
  if (!users) return std::unexpected(users.error().message);
  const std::int64_t there = users->front().users;
  if (there > 1) {  // loaded before, or in use; one is the operator
    fmt::print("\n  --demo: {} users are there already, so no demonstration data was loaded.\n",
               there);
    return {};
  }
  SeedOptions options;
  options.password = "demo-" + Uuid::random().to_string().substr(0, 8);
  options.opening_minor = config.opening_balance_minor;
  const auto seeded =
      seed(config, database_url, options, [](std::string_view, std::int64_t, std::int64_t) {});
  if (!seeded) return std::unexpected(seeded.error());
  fmt::print(
      "\n  Demonstration data: {} people, {} transfers over {} days.\n"
      "  Sign in as {} with the password {}\n",
      seeded->accounts, seeded->transfers, options.days, seeded->first_email, options.password);
  return {};
}

}  // namespace instapay::app
