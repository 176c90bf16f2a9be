#pragma once
// Drives many connections from one thread and measures what they see.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "histogram.h"
#include "workload.h"

namespace bench {

struct LoadOptions {
  std::vector<std::uint16_t> ports;  // connections are spread over them in turn
  std::size_t connections = 64;
  double warmup_s = 2;
  double duration_s = 10;
  /// 0: closed loop, every connection asks again as soon as it was answered. Otherwise an open
  /// loop: requests are due at Poisson times at this rate whatever the server does, and latency
  /// counts from when a request was due, not from when a connection was free for it.
  double rate = 0;
  /// Open loop only: a request for which no connection is free is dropped (and counted) at once,
  /// and latency counts from sending. For loads beyond what the server can do.
  bool drop_when_busy = false;
  std::uint64_t requests_max = 0;  // 0: as many as fit into the time
  std::uint64_t seed = 1;
};

struct LoadResult {
  double measured_s = 0;
  std::uint64_t achieved = 0;
  std::uint64_t requests = 0;  // answered in the measured time
  std::uint64_t offered = 0;   // open loop: due in the measured time
  std::uint64_t dropped = 0;
  std::uint64_t lost = 0;  // connection broke or no answer came
  std::uint64_t body_bytes = 0;
  std::uint64_t without_retry_after = 0;  // 429 and 503 that do not say when to come back
  double own_cpu_s = 0;
  std::int64_t stall_us = 0;  // the longest time in which no answer achieved anything
  double stall_at_s = 0;      // its end, since measuring began
  bool ran_out = false;       // the workload, or requests_max, ended before the time did
  std::map<int, std::uint64_t> statuses;
  Histogram latency;                 // of answers that achieved something
  Histogram other_latency;           // of all other answers
  std::vector<std::string> samples;  // the first answers that achieved nothing
};

/// Runs the load; prints `measuring` and `measured` lines to stdout at the edges of the measured
/// time, so that a driver can read its own meters there. Throws std::system_error when no
/// connection can be made at the start, std::runtime_error when nothing is left to be measured.
LoadResult run_load(const LoadOptions& options, Workload& workload);

}  // namespace bench
