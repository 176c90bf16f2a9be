#include "reporting/roll_up/activity.h"

#include <algorithm>

#include "reporting/roll_up/buckets.h"

namespace instapay::reporting {
namespace {

void set(Figures& figures, Sketch& sketch) {
  figures.active_users = sketch.users.estimate();
  figures.median = sketch.amounts.percentile(50);
  figures.p95 = sketch.amounts.percentile(95);
}

// A bucket's sketch, or a single transfer; a bucket's sum says nothing more.
bool add(Sketch& sketch, const pg::Rows& rows, int row) {
  if (!rows.is_null(row, 3))
    return sketch.amounts.merge(rows.bytes(row, 3)) && sketch.users.merge(rows.bytes(row, 4));
  if (rows.is_null(row, 5)) return true;
  sketch.amounts.add(static_cast<std::int64_t>(rows.total(row, 2)));
  sketch.users.add(rows.uuid(row, 5));
  sketch.users.add(rows.uuid(row, 6));
  return true;
}

// The rows in the order of their periods, so that one sketch is there at a time.
std::vector<std::pair<std::int64_t, int>> by_period(const pg::Rows& rows) {
  std::vector<std::pair<std::int64_t, int>> order;
  order.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) order.emplace_back(rows.int64(i, 0), i);
  std::ranges::sort(order);
  return order;
}

}  // namespace

std::optional<Activity> add_up(const pg::Rows& rows, std::size_t periods, std::size_t active_from) {
  Activity activity{{}, std::vector<Figures>(periods)};
  Sketch whole, of_period;
  const auto order = by_period(rows);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto [at, row] = order[i];
    const auto period = static_cast<std::size_t>(at);
    Figures& figures = activity.periods.at(period);
    figures.transfers += {rows.int64(row, 1), rows.total(row, 2)};
    if (!add(of_period, rows, row)) return std::nullopt;
    if (i + 1 < order.size() && order[i + 1].first == at) continue;
    set(figures, of_period);
    activity.whole.transfers += figures.transfers;
    whole.amounts.merge(of_period.amounts);
    if (period >= active_from) whole.users.merge(of_period.users);
    of_period = {};
  }
  set(activity.whole, whole);
  return activity;
}

}  // namespace instapay::reporting
