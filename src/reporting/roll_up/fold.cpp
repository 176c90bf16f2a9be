// Folds batches into the roll-ups.
#include <algorithm>

#include "queries.h"
#include "reporting/chain_follower.h"
#include "reporting/roll_up/buckets.h"
#include "reporting/roll_up/cover.h"

namespace instapay::reporting {
namespace {

namespace q = queries::reporting;

std::string text_of(Total total) { return format_amount(total, Currency{"", 0}); }

std::string_view view(const std::string& text) { return text; }

// Writes down what it has read only when all is read.
class Folding : public Derivation {
 public:
  explicit Folding(pg::Connection& connection) : connection_(connection) {}

  pg::Result<std::int64_t> take(const BatchRange& batches) override {
    pg::Params range;
    range.add(batches.chain).add(batches.after).add(batches.last);
    const auto entries = connection_.query(q::batch_entries, range);
    if (!entries) return std::unexpected(entries.error());
    std::vector<Fact> facts;
    std::int64_t found = 0;
    taken_ = {.entries = entries->size()};
    for (int i = 0; i < entries->size(); ++i) {
      facts.push_back(read_fact(*entries, i));
      found += facts.back().counts() ? 1 : 0;
      taken_.sum += facts.back().amount_minor;
    }
    if (found == batches.transfers)
      for (const Fact& fact : facts) buckets_.add(fact);
    return found;
  }

  pg::Result<bool> move(const BatchRange& batches) override {
    pg::Params place;
    place.add(batches.chain).add(batches.after).add(batches.last).add(batches.transfers);
    place.add(taken_.entries).add(text_of(taken_.sum));
    const auto moved = connection_.query(q::move_report_chain, place);
    if (!moved) return std::unexpected(moved.error());
    return moved->affected() == 1;
  }

  pg::Result<void> write() override {
    if (auto written = write_sums(); !written) return written;
    return write_sketches();
  }

 private:
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

  struct Taken {
    std::int64_t entries = 0;
    Total sum = 0;
  };

  pg::Connection& connection_;
  Buckets buckets_{kBucketMinutes};
  Taken taken_;
};

}  // namespace

const Follower& roll_ups() {
  static const Follower follower{
      .number = 0,
      .name = "fold",
      .application = "instapay reporting fold",
      .lag_metric = "instapay_reports_lag_seconds",
      .lag_help = "For how long the oldest batch that is not in the reports' roll-ups has waited",
      .transfers_metric = "instapay_reports_folded_transfers_total",
      .transfers_help = "Transfers added to the reports' roll-ups",
      .derive = [](pg::Connection& connection) -> std::unique_ptr<Derivation> {
        return std::make_unique<Folding>(connection);
      },
      .forget = {q::forget_sums, q::forget_sketches, q::forget_chains},
  };
  return follower;
}

}  // namespace instapay::reporting
