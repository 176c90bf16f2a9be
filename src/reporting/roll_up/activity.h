#pragma once
// Transfers between people, by period: what list_transfers found, added up.
#include <optional>
#include <vector>

#include "pg/rows.h"
#include "reporting/sums.h"

namespace instapay::reporting {

/// Of a period, or of the whole.
struct Figures {
  Sum transfers;
  std::int64_t active_users = 0, new_users = 0;
  std::optional<std::int64_t> median, p95;
};

struct Activity {
  Figures whole;
  std::vector<Figures> periods;
};

/// Users count for the whole from the period `active_from` on. Nothing when a sketch is not
/// readable.
std::optional<Activity> add_up(const pg::Rows& rows, std::size_t periods, std::size_t active_from);

}  // namespace instapay::reporting
