#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::metrics {
namespace {

struct Usage {
  double cpu_s = 0, started_after_boot_s = 0, virtual_bytes = 0, resident_bytes = 0;
};

// proc(5): fields are counted from the one after the name, which may hold anything but its last
// ')'.
Usage read_usage() {
  constexpr int kUserTime = 11, kStartTime = 19, kVirtual = 20, kResident = 21;
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(line.substr(name_end + 1));
  double fields[kResident + 1] = {};
  std::string state;
  rest >> state;
  for (int i = 1; i <= kResident; ++i) rest >> fields[i];
  const auto ticks_per_s = static_cast<double>(sysconf(_SC_CLK_TCK));
  return {(fields[kUserTime] + fields[kUserTime + 1]) / ticks_per_s,
          fields[kStartTime] / ticks_per_s, fields[kVirtual],
          fields[kResident] * static_cast<double>(sysconf(_SC_PAGESIZE))};
}

double booted_at_s() {
  std::ifstream file("/proc/stat");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("btime ")) return std::stod(line.substr(6));
  return 0;
}

double open_descriptors() {
  std::error_code ignored;
  const std::filesystem::directory_iterator all("/proc/self/fd", ignored);
  // One of them is the iterator's own.
  return static_cast<double>(std::distance(begin(all), end(all))) - 1;
}

// Adds what a count that somebody else keeps has grown by.
void catch_up(prometheus::Counter& counter, double count) {
  if (const double more = count - counter.Value(); more > 0) counter.Increment(more);
}

}  // namespace

void publish_process() {
  auto& cpu = counter("process_cpu_seconds_total", "User and system CPU time");
  auto& resident = gauge("process_resident_memory_bytes", "Resident memory");
  auto& virtual_memory = gauge("process_virtual_memory_bytes", "Virtual memory");
  auto& descriptors = gauge("process_open_fds", "Open file descriptors");
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  gauge("process_max_fds", "File descriptors that may be open")
      .Set(static_cast<double>(limit.rlim_cur));
  gauge("process_start_time_seconds", "When the process started, since 1970")
      .Set(booted_at_s() + read_usage().started_after_boot_s);
  const auto dropped = [](const char* why) -> prometheus::Counter& {
    return counter("instapay_log_lines_dropped_total",
                   "Lines that the log does not have: left out by LOG_REQUESTS_PER_S (sampled), or "
                   "written faster than they could be read (overrun)",
                   {{"reason", why}});
  };
  auto& sampled = dropped("sampled");
  auto& overrun = dropped("overrun");
  before_scrape([&] {
    const Usage usage = read_usage();
    catch_up(cpu, usage.cpu_s);
    resident.Set(usage.resident_bytes);
    virtual_memory.Set(usage.virtual_bytes);
    descriptors.Set(open_descriptors());
    const auto lines = log::dropped();
    catch_up(sampled, static_cast<double>(lines.sampled));
    catch_up(overrun, static_cast<double>(lines.overrun));
  });
}

}  // namespace instapay::metrics
