#include "reporting/roll_up/question.h"

#include "reporting/roll_up/cover.h"

namespace instapay::reporting {
namespace {

constexpr std::string_view kTooManyOpen = "IP009";
constexpr int kBehindRetry_s = 10;

}  // namespace

std::vector<std::int64_t> cuts_of(const Range& range) {
  std::vector<std::int64_t> cuts{range.begins_us};
  if (!range.periods_us.empty())
    cuts.insert(cuts.end(), range.periods_us.begin() + 1, range.periods_us.end());
  cuts.push_back(range.ends_us);
  return cuts;
}

pg::Params facts_between(std::span<const std::int64_t> cuts) {
  const Cover covered = cover(cuts);
  std::vector<std::int32_t> minutes;
  std::vector<std::int64_t> runs_begin, runs_end, edges_begin, edges_end;
  for (const BucketRun& run : covered.runs) {
    minutes.push_back(run.minutes);
    runs_begin.push_back(run.begins_us);
    runs_end.push_back(run.ends_us);
  }
  for (const Stretch& edge : covered.edges) {
    edges_begin.push_back(edge.begins_us);
    edges_end.push_back(edge.ends_us);
  }
  pg::Params params;
  params.add_time(cuts.front()).add_time(cuts.back());
  params.add_time_array(cuts.first(cuts.size() - 1)).add_array(minutes);
  params.add_time_array(runs_begin).add_time_array(runs_end);
  params.add_time_array(edges_begin).add_time_array(edges_end).add(kOpenTransfersMax);
  return params;
}

Error report_error(const pg::Failure& failure, std::string_view what_to_narrow) {
  if (!failure.is(kTooManyOpen))
    return what_to_narrow.empty() ? pg::to_error(failure) : pg::to_error(failure, what_to_narrow);
  return {Code::reports_behind, "The reports are being brought up to date.", {}, kBehindRetry_s};
}

}  // namespace instapay::reporting
