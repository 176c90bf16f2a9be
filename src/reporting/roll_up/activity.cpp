#include "reporting/roll_up/activity.h"

#include "reporting/roll_up/buckets.h"

namespace instapay::reporting {
namespace {

void set(Figures& figures, Sketch& sketch) {
  figures.active_users = sketch.users.estimate();
  figures.median = sketch.amounts.percentile(50);
  figures.p95 = sketch.amounts.percentile(95);
}

bool add(Sketch& sketch, const pg::Rows& rows, int row) {
  if (!rows.is_null(row, 3))
    return sketch.amounts.merge(rows.bytes(row, 3)) && sketch.users.merge(rows.bytes(row, 4));
  sketch.amounts.add(static_cast<std::int64_t>(rows.total(row, 2)));
  sketch.users.add(rows.uuid(row, 5));
  sketch.users.add(rows.uuid(row, 6));
  return true;
}

}  // namespace

// Rows come in the order of their periods, so one sketch is there at a time.
std::optional<Activity> add_up(const pg::Rows& rows, std::size_t periods, std::size_t active_from) {
  Activity activity{{}, std::vector<Figures>(periods)};
  Sketch whole, of_period;
  for (int i = 0; i < rows.size(); ++i) {
    const auto period = static_cast<std::size_t>(rows.int64(i, 0));
    Figures& figures = activity.periods.at(period);
    figures.transfers += {rows.int64(i, 1), rows.total(i, 2)};
    if (!add(of_period, rows, i)) return std::nullopt;
    if (i + 1 < rows.size() && rows.int64(i + 1, 0) == rows.int64(i, 0)) continue;
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
