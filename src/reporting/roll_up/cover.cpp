#include "reporting/roll_up/cover.h"

namespace instapay::reporting {
namespace {

class Builder {
 public:
  /// Buckets of at most kBucketMinutes[levels - 1].
  void add(std::int64_t begins_us, std::int64_t ends_us, std::size_t levels) {
    if (begins_us >= ends_us) return;
    if (levels == 0) return add_edge(begins_us, ends_us);
    const std::int32_t minutes = kBucketMinutes.at(levels - 1);
    const std::int64_t unit_us = minutes * kMinute_us;
    const std::int64_t first_us = floor_to(begins_us + unit_us - 1, unit_us);
    const std::int64_t last_us = floor_to(ends_us, unit_us);
    if (first_us >= last_us) return add(begins_us, ends_us, levels - 1);
    add(begins_us, first_us, levels - 1);
    add_run(minutes, first_us, last_us);
    add(last_us, ends_us, levels - 1);
  }

  Cover take() { return std::move(cover_); }

 private:
  void add_run(std::int32_t minutes, std::int64_t begins_us, std::int64_t ends_us) {
    auto& runs = cover_.runs;
    if (!runs.empty() && runs.back().minutes == minutes && runs.back().ends_us == begins_us) {
      runs.back().ends_us = ends_us;
    } else {
      runs.push_back({minutes, begins_us, ends_us});
    }
  }
  void add_edge(std::int64_t begins_us, std::int64_t ends_us) {
    auto& edges = cover_.edges;
    if (!edges.empty() && edges.back().ends_us == begins_us) {
      edges.back().ends_us = ends_us;
    } else {
      edges.push_back({begins_us, ends_us});
    }
  }

  Cover cover_;
};

}  // namespace

std::int64_t floor_to(std::int64_t at_us, std::int64_t unit_us) {
  const std::int64_t rest_us = at_us % unit_us;
  return at_us - (rest_us < 0 ? rest_us + unit_us : rest_us);
}

Cover cover(std::span<const std::int64_t> cuts) {
  Builder builder;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
    builder.add(cuts[i], cuts[i + 1], kBucketMinutes.size());
  Cover found = builder.take();
  // Each edge is a search of its own. Zones of the past whose clocks were minutes off have so many.
  if (found.edges.size() > kEdgesMax) return {{}, {{cuts.front(), cuts.back()}}};
  return found;
}

}  // namespace instapay::reporting
