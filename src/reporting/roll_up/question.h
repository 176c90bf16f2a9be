#pragma once
// How the statements that read roll-ups are asked.
#include "core/error.h"
#include "pg/params.h"
#include "pg/rows.h"
#include "reporting/range.h"

namespace instapay::reporting {

/// How many transfers a report may read beside the roll-ups.
inline constexpr std::int64_t kOpenTransfersMax = 200'000;

/// Where the periods of a range begin within it, and its end; without periods its two ends.
std::vector<std::int64_t> cuts_of(const Range& range);

/// The parameters of sum_transactions and list_transfers: from the first of `cuts` to the last,
/// each the beginning of a period.
pg::Params facts_between(std::span<const std::int64_t> cuts);

/// reports_behind, or what pg::to_error() says; range_too_wide where there is something to narrow.
Error report_error(const pg::Failure& failure, std::string_view what_to_narrow = {});

}  // namespace instapay::reporting
