#include "reporting/roll_up/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/time.h"
#include "queries.h"
#include "reporting/roll_up/buckets.h"
#include "reporting/roll_up/cover.h"

namespace instapay::reporting {
namespace {

namespace q = queries::reporting;

constexpr pg::Statement kFetchFacts{"check/fetch_facts", "FETCH 10000 FROM check_facts"};

// The longest buckets do not fit into a day.
constexpr std::span kOfADay = std::span(kBucketMinutes).first(kBucketMinutes.size() - 1);
constexpr std::span kLongest = std::span(kBucketMinutes).last(1);
constexpr std::int64_t kLongest_us = kBucketMinutes.back() * kMinute_us;

std::string name_of(const BucketKey& key) {
  return fmt::format("the roll-up of {} minutes from {}", key.minutes, format_time(key.begins_us));
}

class Checker {
 public:
  Checker(pg::Connection& connection,
          const std::function<void(std::int64_t, std::int64_t)>& progress)
      : connection_(connection), progress_(progress) {}

  pg::Result<RollUpCheck> run() {
    const auto chains = connection_.query(q::check_chains);
    if (!chains) return std::unexpected(chains.error());
    if (!chains->empty()) {
      differ(fmt::format("chain {} is not what its batches say", chains->int64(0, 0)));
      return check_;
    }
    const auto expected = connection_.query(q::check_totals);
    if (!expected) return std::unexpected(expected.error());
    expected_ = expected->int64(0, 0);
    const auto days = connection_.query(q::check_days);
    if (!days) return std::unexpected(days.error());
    for (int i = 0; i < days->size() && check_.difference.empty(); ++i)
      if (auto done = check_day(days->time_us(i, 0)); !done) return std::unexpected(done.error());
    if (auto done = check_longest(); !done) return std::unexpected(done.error());
    if (check_.transfers != expected_)
      differ(fmt::format("the roll-ups have {} transfers, their chains {}", check_.transfers,
                         expected_));
    if (check_.buckets != expected->int64(0, 1))
      differ(fmt::format("{} of {} roll-ups stand for no entry",
                         expected->int64(0, 1) - check_.buckets, expected->int64(0, 1)));
    if (entries_ != expected->int64(0, 2) || sum_ != expected->total(0, 3))
      differ("the entries and their sum are not what the chains of the roll-ups say");
    return check_;
  }

 private:
  void differ(std::string what) {
    if (check_.difference.empty()) check_.difference = std::move(what);
  }

  pg::Result<void> check_day(std::int64_t day_us) {
    if (!longest_.empty() && day_us >= longest_ends_us_)
      if (auto done = check_longest(); !done) return done;
    longest_ends_us_ = floor_to(day_us, kLongest_us) + kLongest_us;
    Buckets day(kOfADay);
    if (auto read = read_day(day_us, day); !read) return read;
    return compare(day, kOfADay, day_us, day_us + kDay_us);
  }

  pg::Result<void> read_day(std::int64_t day_us, Buckets& day) {
    const auto opened = connection_.exec(fmt::format(
        "DECLARE check_facts NO SCROLL CURSOR FOR SELECT created_at, kind, amount, account_id, "
        "counterparty_id FROM folded_entries('{}', '{}')",
        format_time(day_us), format_time(day_us + kDay_us)));
    if (!opened) return opened;
    for (;;) {
      const auto rows = connection_.query(kFetchFacts);
      if (!rows) return std::unexpected(rows.error());
      if (rows->empty()) break;
      for (int i = 0; i < rows->size(); ++i) {
        const Fact fact = read_fact(*rows, i);
        ++entries_;
        sum_ += fact.amount_minor;
        check_.transfers += fact.counts() ? 1 : 0;
        day.add(fact);
        longest_.add(fact);
      }
      if (progress_) progress_(check_.transfers, expected_);
    }
    return connection_.exec("CLOSE check_facts");
  }

  pg::Result<void> check_longest() {
    if (longest_.empty()) return {};
    auto done = compare(longest_, kLongest, longest_ends_us_ - kLongest_us, longest_ends_us_);
    longest_.clear();
    return done;
  }

  // What was added up here with what is stored of these lengths in that time.
  pg::Result<void> compare(Buckets& made, std::span<const std::int32_t> minutes,
                           std::int64_t begins_us, std::int64_t ends_us) {
    pg::Params params;
    params.add_array(minutes).add_time(begins_us).add_time(ends_us);
    const auto sums = connection_.query(q::stored_sums, params);
    if (!sums) return std::unexpected(sums.error());
    std::map<SumKey, Sum> stored_sums;
    for (int i = 0; i < sums->size(); ++i)
      stored_sums[{bucket_key(*sums, i), static_cast<ledger::EntryKind>(sums->int64(i, 2))}] = {
          sums->int64(i, 3), sums->total(i, 4)};
    compare_sums(made.sums(), stored_sums);

    const auto sketches = connection_.query(q::stored_sketches, params);
    if (!sketches) return std::unexpected(sketches.error());
    std::map<BucketKey, std::string> stored_sketches;
    for (int i = 0; i < sketches->size(); ++i)
      stored_sketches[bucket_key(*sketches, i)] =
          std::string(sketches->text(i, 2)) + std::string(sketches->text(i, 3));
    std::map<BucketKey, std::string> made_sketches;
    for (auto& [key, sketch] : made.sketches())
      made_sketches[key] = sketch.amounts.encode() + sketch.users.encode();
    if (const auto differs = first_difference(made_sketches, stored_sketches))
      differ(fmt::format("{}: its sketches are not those of the entries", name_of(*differs)));
    check_.buckets += sums->size() + sketches->size();
    return {};
  }

  void compare_sums(const std::map<SumKey, Sum>& made, const std::map<SumKey, Sum>& stored) {
    const auto key = first_difference(made, stored);
    if (!key) return;
    const auto say = [&](const std::map<SumKey, Sum>& sums) {
      const auto found = sums.find(*key);
      const Sum sum = found == sums.end() ? Sum{} : found->second;
      return fmt::format("{} with {} minor units together", sum.count,
                         format_amount(sum.amount_minor, Currency{"", 0}));
    };
    differ(fmt::format("{}: of kind {} the entries have {}, it has {}", name_of(key->bucket),
                       ledger::name_of(key->kind), say(made), say(stored)));
  }

  template <class Key, class Value>
  static std::optional<Key> first_difference(const std::map<Key, Value>& made,
                                             const std::map<Key, Value>& stored) {
    const auto [a, b] = std::ranges::mismatch(made, stored);
    if (a == made.end() && b == stored.end()) return std::nullopt;
    if (a == made.end()) return b->first;
    if (b == stored.end()) return a->first;
    return std::min(a->first, b->first);
  }

  static BucketKey bucket_key(const pg::Rows& rows, int row) {
    return {static_cast<std::int32_t>(rows.int64(row, 0)), rows.time_us(row, 1)};
  }

  pg::Connection& connection_;
  const std::function<void(std::int64_t, std::int64_t)>& progress_;
  RollUpCheck check_;
  Buckets longest_{kLongest};  // of the blocks of 32 days the one that the last day is in
  std::int64_t longest_ends_us_ = 0;
  std::int64_t expected_ = 0, entries_ = 0;
  Total sum_ = 0;
};

}  // namespace

pg::Result<RollUpCheck> check_roll_ups(
    pg::Connection& connection, const std::function<void(std::int64_t, std::int64_t)>& progress) {
  const auto begun = connection.exec(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0");
  if (!begun) return std::unexpected(begun.error());
  auto check = Checker(connection, progress).run();
  const auto ended = connection.exec("ROLLBACK");
  if (check && !ended) return std::unexpected(ended.error());
  return check;
}

}  // namespace instapay::reporting
