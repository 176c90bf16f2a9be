#include "reporting/roll_up/fold.h"

#include <fmt/format.h>

#include <algorithm>

#include "queries.h"
#include "reporting/roll_up/buckets.h"
#include "reporting/roll_up/cover.h"

namespace instapay::reporting {
namespace {

namespace q = queries::reporting;

std::string text_of(Total total) { return format_amount(total, Currency{"", 0}); }

std::string_view view(const std::string& text) { return text; }

// Writes down what it has read only when all is read.
class Folding {
 public:
  explicit Folding(pg::Connection& connection) : connection_(connection) {}

  pg::Result<Fold> run() {
    auto locked = connection_.query(q::try_fold_lock);
    if (!locked) return std::unexpected(locked.error());
    if (!locked->boolean(0, 0)) return Fold{Fold::Outcome::somebody_else_folds};
    while (done_.transfers < kFoldTransfersMax) {
      const auto more = fold_a_chain();
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
    }
    if (done_.batches == 0) return done_;
    done_.outcome = Fold::Outcome::folded;
    if (auto written = write_sums(); !written) return std::unexpected(written.error());
    if (auto written = write_sketches(); !written) return std::unexpected(written.error());
    return done_;
  }

 private:
  // False when no chain is left.
  pg::Result<bool> fold_a_chain() {
    pg::Params params;
    params.add(kFoldTransfersMax - done_.transfers).add_array(stuck_);
    const auto next = connection_.query(q::next_batches, params);
    if (!next) return std::unexpected(next.error());
    if (next->empty()) return false;
    const auto chain = static_cast<std::int32_t>(next->int64(0, 0));
    const std::int64_t after = next->int64(0, 1), last = next->int64(0, 2);
    const std::int64_t batches = next->int64(0, 3), transfers = next->int64(0, 4);
    if (last != after + batches)
      return leave(chain, fmt::format("chain {} has a gap between {} and {}", chain, after, last));

    pg::Params range;
    range.add(chain).add(after).add(last);
    const auto entries = connection_.query(q::batch_entries, range);
    if (!entries) return std::unexpected(entries.error());
    std::vector<Fact> facts;
    std::int64_t found = 0;
    Total sum = 0;
    for (int i = 0; i < entries->size(); ++i) {
      facts.push_back(read_fact(*entries, i));
      found += facts.back().counts() ? 1 : 0;
      sum += facts.back().amount_minor;
    }
    if (found != transfers)
      return leave(chain, fmt::format("batches {} to {} of chain {} have {} transfers, not {}",
                                      after + 1, last, chain, found, transfers));
    for (const Fact& fact : facts) buckets_.add(fact);

    pg::Params place;
    place.add(chain).add(after).add(last).add(transfers);
    place.add(static_cast<std::int64_t>(entries->size())).add(text_of(sum));
    const auto moved = connection_.query(q::move_chain, place);
    if (!moved) return std::unexpected(moved.error());
    if (moved->affected() != 1)
      return std::unexpected(pg::Failure{.message = "somebody else has folded a chain meanwhile"});
    done_.transfers += transfers;
    done_.batches += batches;
    return true;
  }

  pg::Result<bool> leave(std::int32_t chain, std::string problem) {
    stuck_.push_back(chain);
    if (done_.problem.empty()) done_.problem = std::move(problem);
    return true;
  }

  pg::Result<void> write_sums() {
    std::vector<std::int32_t> minutes;
    std::vector<std::int64_t> begins_us, transfers;
    std::vector<std::int16_t> kinds;
    std::vector<std::string> amounts;
    for (const auto& [key, sum] : buckets_.sums()) {
      minutes.push_back(key.bucket.minutes);
      begins_us.push_back(key.bucket.begins_us);
      kinds.push_back(static_cast<std::int16_t>(key.kind));
      transfers.push_back(sum.count);
      amounts.push_back(text_of(sum.amount_minor));
    }
    const std::vector<std::string_view> amount_views(amounts.begin(), amounts.end());
    pg::Params params;
    params.add_array(minutes).add_time_array(begins_us).add_array(kinds);
    params.add_array(transfers).add_array(amount_views);
    const auto added = connection_.query(q::add_sums, params);
    if (!added) return std::unexpected(added.error());
    return {};
  }

  pg::Result<void> write_sketches() {
    std::vector<std::int32_t> minutes;
    std::vector<std::int64_t> begins_us;
    for (const auto& [key, sketch] : buckets_.sketches()) {
      minutes.push_back(key.minutes);
      begins_us.push_back(key.begins_us);
    }
    pg::Params keys;
    keys.add_array(minutes).add_time_array(begins_us);
    const auto stored = connection_.query(q::find_sketches, keys);
    if (!stored) return std::unexpected(stored.error());
    for (int i = 0; i < stored->size(); ++i) {
      const BucketKey key{static_cast<std::int32_t>(stored->int64(i, 0)), stored->time_us(i, 1)};
      Sketch& sketch = buckets_.sketches().at(key);
      if (!sketch.amounts.merge(stored->bytes(i, 2)) || !sketch.users.merge(stored->bytes(i, 3)))
        return std::unexpected(pg::Failure{.message = "a sketch of the roll-ups is not readable"});
    }
    std::vector<std::string> amounts, users;
    for (auto& [key, sketch] : buckets_.sketches()) {
      amounts.push_back(sketch.amounts.encode());
      users.push_back(sketch.users.encode());
    }
    std::vector<std::string_view> amount_views, user_views;
    std::ranges::transform(amounts, std::back_inserter(amount_views), view);
    std::ranges::transform(users, std::back_inserter(user_views), view);
    keys.add_bytes_array(amount_views).add_bytes_array(user_views);
    const auto written = connection_.query(q::write_sketches, keys);
    if (!written) return std::unexpected(written.error());
    return {};
  }

  pg::Connection& connection_;
  Buckets buckets_{kBucketMinutes};
  std::vector<std::int32_t> stuck_;
  Fold done_;
};

}  // namespace

pg::Result<Fold> fold(pg::Connection& connection) {
  if (auto begun = connection.exec("BEGIN"); !begun) return std::unexpected(begun.error());
  auto done = Folding(connection).run();
  const bool changed = done && done->outcome == Fold::Outcome::folded;
  const auto ended = connection.exec(changed ? "COMMIT" : "ROLLBACK");
  if (done && !ended) return std::unexpected(ended.error());
  return done;
}

pg::Result<void> forget_roll_ups(pg::Connection& connection) {
  using Step = pg::Connection::Step;
  const std::vector<Step> steps{
      {{"rebuild/begin", "BEGIN"}}, {q::fold_lock},     {q::forget_sums},
      {q::forget_sketches},         {q::forget_chains}, {{"rebuild/commit", "COMMIT"}},
  };
  if (auto done = connection.pipeline(steps); !done) return std::unexpected(done.error());
  return {};
}

}  // namespace instapay::reporting
