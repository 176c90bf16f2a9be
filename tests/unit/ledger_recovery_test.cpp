// Every failure of the store in every situation, as a table.
#include "ledger/commit/recovery.h"

#include <gtest/gtest.h>

#include <ostream>

#include "core/limits.h"

namespace instapay::ledger {
namespace {

using Kind = StoreFailure::Kind;

constexpr std::pair<Step, const char*> kSteps[] = {
    {Step::retry, "retry"},         {Step::retry_locked, "retry_locked"},
    {Step::settle, "settle"},       {Step::look_up_keys, "look_up_keys"},
    {Step::split, "split"},         {Step::open_chain, "open_chain"},
    {Step::reconnect, "reconnect"}, {Step::refuse, "refuse"},
};
std::string name_of(Step step) {
  for (const auto& [each, name] : kSteps)
    if (each == step) return name;
  return "?";
}

// The step, and the code where there is an answer.
std::string words_of(const Recovery& recovery) {
  const std::string step = name_of(recovery.step);
  return recovery.step == Step::refuse ? step + " " + std::string(info(recovery.code).name) : step;
}

// What makes no difference is tried both ways.
enum class If : std::uint8_t { no, yes, either };
bool fits(If wanted, bool is) { return wanted == If::either || (wanted == If::yes) == is; }

struct Row {
  Kind failure;
  If committing, locked, alone, plan_is_old;
  const char *then, *over_the_limit;
};
constexpr auto no = If::no, yes = If::yes, any = If::either;
constexpr const char* kOverloaded = "refuse overloaded";
constexpr const char* kBug = "refuse internal_error";

constexpr Row kTable[] = {
    // failure             committing locked alone old  then                     over the limit
    {Kind::conflict, any, any, any, any, "retry_locked", kOverloaded},
    // The book knew what the database does not; what was read under lock must follow.
    {Kind::does_not_follow, any, no, any, any, "retry_locked", kOverloaded},
    {Kind::does_not_follow, any, yes, yes, any, kBug, kBug},
    {Kind::does_not_follow, any, yes, no, any, "split", "split"},
    {Kind::duplicate_key, any, any, any, any, "look_up_keys", kOverloaded},
    {Kind::request_changed, any, any, yes, any, "retry", kOverloaded},
    // Twice together, then each payment alone: AChangingRequestIsPaidAlone.
    {Kind::request_changed, any, any, no, any, nullptr, "split"},
    {Kind::prelude_refused, any, any, any, any, "refuse validation_failed",
     "refuse validation_failed"},
    {Kind::unavailable, any, any, any, any, "refuse database_unavailable",
     "refuse database_unavailable"},
    {Kind::disk_full, any, any, any, any, "refuse storage_low", "refuse storage_low"},
    {Kind::timed_out, any, any, any, any, "refuse database_timeout", "refuse database_timeout"},
    {Kind::chain_taken, any, any, any, any, "open_chain", kOverloaded},
    {Kind::clock_skew, any, any, any, no, "refuse clock_skew", "refuse clock_skew"},
    {Kind::clock_skew, any, any, any, yes, "retry", kOverloaded},
    // Doubt is settled however often it takes, and nobody is refused for what nobody knows.
    {Kind::lost, yes, any, any, any, "settle", "settle"},
    {Kind::lost, no, any, any, any, "reconnect", "reconnect"},
    {Kind::broken, any, any, yes, any, kBug, kBug},
    {Kind::broken, any, any, no, any, "split", "split"},
};

TEST(Recovery, DoesWhatTheTableSaysInEverySituation) {
  constexpr Kind kKinds[] = {
      Kind::conflict,        Kind::does_not_follow, Kind::duplicate_key, Kind::request_changed,
      Kind::prelude_refused, Kind::unavailable,     Kind::disk_full,     Kind::timed_out,
      Kind::chain_taken,     Kind::clock_skew,      Kind::lost,          Kind::broken};
  static_assert(std::size(kKinds) == static_cast<std::size_t>(Kind::broken) + 1,
                "broken is the last one");
  for (const Kind kind : kKinds)
    for (int bits = 0; bits < 16; ++bits) {
      Situation now{.failure = kind,
                    .committing = (bits & 1) != 0,
                    .locked = (bits & 2) != 0,
                    .alone = (bits & 4) != 0,
                    .plan_is_old = (bits & 8) != 0};
      int rows = 0;
      for (const Row& row : kTable) {
        if (row.failure != kind || !fits(row.committing, now.committing) ||
            !fits(row.locked, now.locked) || !fits(row.alone, now.alone) ||
            !fits(row.plan_is_old, now.plan_is_old))
          continue;
        ++rows;
        for (const int attempts : {1, 2, kConflictRetriesMax}) {
          now.attempts = attempts;
          if (row.then == nullptr) continue;
          EXPECT_EQ(words_of(recover_from(now)), row.then) << static_cast<int>(kind) << ' ' << bits;
        }
        for (const int attempts : {kConflictRetriesMax + 1, 1'000}) {
          now.attempts = attempts;
          EXPECT_EQ(words_of(recover_from(now)), row.over_the_limit)
              << static_cast<int>(kind) << ' ' << bits;
        }
      }
      EXPECT_EQ(rows, 1) << "the table has one row for it: " << static_cast<int>(kind) << ' '
                         << bits;
    }
}

TEST(Recovery, AChangingRequestIsPaidAlone) {
  Situation now{.failure = Kind::request_changed, .committing = true};
  for (const auto& [attempts, then] : {std::pair(1, "retry"), {2, "retry"}, {3, "split"}}) {
    now.attempts = attempts;
    EXPECT_EQ(words_of(recover_from(now)), then) << attempts;
  }
}

}  // namespace
}  // namespace instapay::ledger
