#include "client.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <deque>
#include <stdexcept>
#include <system_error>

#include "http_connection.h"
#include "random.h"

namespace bench {
namespace {

constexpr std::int64_t kSecond_us = 1'000'000;
constexpr std::int64_t kDrainMax_us = 10 * kSecond_us;
// Arrivals are looked at this often at least: a wake-up for each alone would cost more than it
// tells.
constexpr std::int64_t kArrivalStep_us = 200;
constexpr std::int64_t kIdleStep_us = 20'000;
constexpr std::size_t kSamplesMax = 3;
constexpr std::size_t kSample_bytes = 400;

std::int64_t now_us() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kSecond_us + now.tv_nsec / 1000;
}

double own_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Client {
  HttpConnection http;
  std::uint16_t port = 0;
  std::int64_t since_us = 0;  // what latency counts from
  bool busy = false;
};

class Load {
 public:
  Load(const LoadOptions& options, Workload& workload)
      : options_(options),
        workload_(workload),
        random_(options.seed ^ 0xa0761d6478bd642fULL),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        clients_(options.connections) {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      clients_[i].port = options_.ports[i % options_.ports.size()];
      open(i);
      idle_.push_back(i);
    }
  }
  ~Load() { ::close(epoll_); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  LoadResult run();

 private:
  void open(std::size_t index);
  void reopen(std::size_t index);
  void ask(std::size_t index, std::int64_t since_us);
  void ask_what_is_due(std::int64_t now);
  void on_event(std::size_t index, std::int64_t now);
  void on_answer(std::size_t index, std::int64_t now);
  void poll(std::int64_t wait_us);
  void turn_phase(std::int64_t now);
  void end_gap(std::int64_t now);
  bool open_loop() const { return options_.rate > 0; }
  bool exhausted() const { return options_.requests_max != 0 && asked_ >= options_.requests_max; }

  const LoadOptions& options_;
  Workload& workload_;
  Random random_;
  int epoll_;
  std::vector<Client> clients_;
  std::vector<std::size_t> idle_;
  std::deque<std::int64_t> due_;  // when requests that wait for a free connection were due
  double next_arrival_us_ = 0;
  std::int64_t measure_from_us_ = 0, measure_to_us_ = 0, measured_from_us_ = 0;
  std::int64_t achieved_us_ = 0;  // when an answer last achieved something
  std::uint64_t asked_ = 0;
  std::size_t busy_ = 0;
  bool measuring_ = false, stopping_ = false, no_more_ = false;
  LoadResult result_;
};

void Load::open(std::size_t index) {
  Client& client = clients_[index];
  client.http.connect(client.port);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.u64 = index;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, client.http.fd(), &event);
}

// A server that is gone is tried again when the connection's next turn comes.
void Load::reopen(std::size_t index) {
  try {
    open(index);
  } catch (const std::system_error&) {
  }
}

void Load::ask(std::size_t index, std::int64_t since_us) {
  Client& client = clients_[index];
  if (!client.http.is_open()) reopen(index);
  if (exhausted() || !workload_.next(client.http.request())) {
    no_more_ = true;
    idle_.push_back(index);
    return;
  }
  ++asked_;
  if (!client.http.is_open() || !client.http.send()) {
    if (measuring_) ++result_.lost;
    client.http.close();
    idle_.push_back(index);
    return;
  }
  client.since_us = since_us;
  client.busy = true;
  ++busy_;
}

void Load::ask_what_is_due(std::int64_t now) {
  if (!open_loop()) {
    // Each idle connection once: one that cannot be opened goes back to the list.
    for (std::size_t left = idle_.size(); left > 0 && !no_more_; --left) {
      const std::size_t index = idle_.back();
      idle_.pop_back();
      ask(index, now_us());
    }
    return;
  }
  for (; next_arrival_us_ <= static_cast<double>(now);
       next_arrival_us_ -= std::log(random_.unit()) * 1e6 / options_.rate) {
    if (measuring_) ++result_.offered;
    if (options_.drop_when_busy && idle_.size() <= due_.size()) {
      if (measuring_) ++result_.dropped;
    } else {
      due_.push_back(static_cast<std::int64_t>(next_arrival_us_));
    }
  }
  for (std::size_t left = idle_.size(); left > 0 && !due_.empty() && !no_more_; --left) {
    const std::size_t index = idle_.back();
    idle_.pop_back();
    ask(index, options_.drop_when_busy ? now_us() : due_.front());
    due_.pop_front();
  }
}

void Load::on_answer(std::size_t index, std::int64_t now) {
  Client& client = clients_[index];
  const Response& response = client.http.response();
  if (measuring_) {
    const std::uint64_t achieved = workload_.achieved(response);
    const auto latency_us =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, now - client.since_us));
    (achieved != 0 ? result_.latency : result_.other_latency).record(latency_us);
    result_.achieved += achieved;
    if (achieved != 0) end_gap(now);
    ++result_.requests;
    ++result_.statuses[response.status];
    result_.body_bytes += response.body.size();
    const bool come_back = response.status == 429 || response.status == 503;
    if (come_back && response.head.find("etry-") == std::string_view::npos) {
      ++result_.without_retry_after;
    }
    if (achieved == 0 && result_.samples.size() < kSamplesMax) {
      result_.samples.emplace_back(response.head.substr(0, response.head.find('\r')));
      result_.samples.back().append(" ").append(response.body.substr(0, kSample_bytes));
    }
  }
  client.busy = false;
  --busy_;
  if (client.http.closes()) client.http.close();
  if (open_loop() || stopping_) {
    idle_.push_back(index);
  } else {
    ask(index, now_us());
  }
}

void Load::on_event(std::size_t index, std::int64_t now) {
  Client& client = clients_[index];
  if (!client.http.is_open()) return;
  switch (client.http.receive()) {
    case HttpConnection::Progress::kAnswered:
      on_answer(index, now);
      break;
    case HttpConnection::Progress::kClosed:
      client.http.close();
      if (client.busy) {
        client.busy = false;
        --busy_;
        if (measuring_) ++result_.lost;
        idle_.push_back(index);
      }
      break;
    case HttpConnection::Progress::kWaiting:
      break;
  }
}

void Load::poll(std::int64_t wait_us) {
  std::array<epoll_event, 256> events;
  timespec wait{};
  wait.tv_sec = wait_us / kSecond_us;
  wait.tv_nsec = wait_us % kSecond_us * 1000;
  const int count =
      ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
  for (int i = 0; i < count; ++i) {
    // One clock reading an event: an answer must not age while earlier ones are dealt with.
    on_event(events[static_cast<std::size_t>(i)].data.u64, now_us());
  }
}

// What stands still shows in no quantile: a few hundred late answers of a hundred thousand.
void Load::end_gap(std::int64_t now) {
  if (now - achieved_us_ > result_.stall_us) {
    result_.stall_us = now - achieved_us_;
    result_.stall_at_s = static_cast<double>(now - measured_from_us_) * 1e-6;
  }
  achieved_us_ = now;
}

void Load::turn_phase(std::int64_t now) {
  if (!measuring_ && !stopping_ && now >= measure_from_us_) {
    measuring_ = true;
    measured_from_us_ = achieved_us_ = now;
    result_.own_cpu_s = -own_cpu_s();
    std::puts("measuring");
    std::fflush(stdout);
  }
  if (measuring_ && (now >= measure_to_us_ || (no_more_ && busy_ == 0))) {
    measuring_ = false;
    stopping_ = true;
    result_.ran_out = now < measure_to_us_;
    end_gap(now);
    result_.measured_s = static_cast<double>(now - measured_from_us_) * 1e-6;
    result_.own_cpu_s += own_cpu_s();
    std::puts("measured");
    std::fflush(stdout);
  }
}

LoadResult Load::run() {
  const std::int64_t start = now_us();
  measure_from_us_ = start + static_cast<std::int64_t>(options_.warmup_s * 1e6);
  measure_to_us_ = measure_from_us_ + static_cast<std::int64_t>(options_.duration_s * 1e6);
  next_arrival_us_ = static_cast<double>(start);
  while (!stopping_) {
    const std::int64_t now = now_us();
    turn_phase(now);
    if (stopping_) break;
    ask_what_is_due(now);
    if (no_more_ && busy_ == 0 && !measuring_) {
      throw std::runtime_error("there was nothing left to ask for when the warm-up ended");
    }
    std::int64_t wait_us = kIdleStep_us;
    if (open_loop()) {
      const auto until = static_cast<std::int64_t>(next_arrival_us_) - now_us();
      wait_us = std::clamp(until, kArrivalStep_us, kIdleStep_us);
    }
    poll(wait_us);
  }
  // What is under way is waited for, so that nothing is cut off in the middle; it does not count.
  const std::int64_t drain_until = now_us() + kDrainMax_us;
  while (busy_ > 0 && now_us() < drain_until) poll(kIdleStep_us);
  result_.lost += busy_;
  return result_;
}

}  // namespace

LoadResult run_load(const LoadOptions& options, Workload& workload) {
  return Load(options, workload).run();
}

}  // namespace bench
