#include "telemetry/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

#include "core/json.h"
#include "core/time.h"

namespace instapay::log {
namespace {

constexpr std::size_t kBufferMax_lines = 8192;

struct State {
  std::atomic<Level> level = Level::info;
  Format format = Format::text;
  std::string service = "instapay";
  std::shared_ptr<spdlog::logger> logger;
  int samples_per_s = 0;
  std::atomic<std::int64_t> sampled_second = 0;  // in which `taken` were let through
  std::atomic<std::int64_t> taken = 0, left_out = 0, left_out_ever = 0;
};

State& state() {
  static State instance;
  return instance;
}

constexpr std::string_view kLevelNames[] = {"debug", "info", "warn", "error"};

std::string json_line(Level level, std::string_view message, Fields fields) {
  std::string line;
  line.reserve(320);
  JsonWriter json(line);
  json.begin_object().key("@timestamp").time(now_us());
  json.field("log.level", kLevelNames[static_cast<int>(level)]);
  json.field("message", message).field("service.name", state().service);
  for (const auto& [key, value] : fields) {
    json.key(key);
    std::visit([&](auto content) { json.value(content); }, value);
  }
  json.field("ecs.version", "8.11.0").end_object();
  return line;
}

std::string text_line(Level level, std::string_view message, Fields fields) {
  std::string line = format_time(now_us()).substr(11, 12);
  line += fmt::format(" {:5} {}", kLevelNames[static_cast<int>(level)], message);
  for (const auto& [key, value] : fields)
    std::visit([&, k = key](auto content) { line += fmt::format(" {}={}", k, content); }, value);
  return line;
}

void tell_left_out() {
  if (const std::int64_t count = state().left_out.exchange(0); count > 0)
    info("requests that are not in the log", {{"instapay.log.left_out", count}});
}

}  // namespace

void start(Level level, Format format, std::string_view service, int samples_per_s) {
  State& s = state();
  s.samples_per_s = samples_per_s;
  s.level = level;
  s.format = format;
  s.service = service;
  spdlog::init_thread_pool(kBufferMax_lines, 1);
  auto sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  s.logger =
      std::make_shared<spdlog::async_logger>("instapay", std::move(sink), spdlog::thread_pool(),
                                             spdlog::async_overflow_policy::overrun_oldest);
  spdlog::initialize_logger(s.logger);  // first: it sets its own pattern and level
  s.logger->set_pattern("%v");
  s.logger->set_level(spdlog::level::trace);
  s.logger->flush_on(spdlog::level::warn);
  spdlog::flush_every(std::chrono::seconds(1));
}

void stop() {
  if (!state().logger) return;
  tell_left_out();
  state().logger->flush();
  state().logger.reset();
  spdlog::shutdown();
}

bool enabled(Level level) { return level >= state().level.load(std::memory_order_relaxed); }

// Threads may disagree for a moment about which second it is: then a few lines more or less are
// written, and every one that is not is counted.
bool sample() {
  State& s = state();
  if (s.samples_per_s == 0) return true;
  const std::int64_t second = monotonic_us() / kSecond_us;
  if (s.sampled_second.exchange(second, std::memory_order_relaxed) != second) {
    s.taken.store(0, std::memory_order_relaxed);
    tell_left_out();
  }
  if (s.taken.fetch_add(1, std::memory_order_relaxed) < s.samples_per_s) return true;
  s.left_out.fetch_add(1, std::memory_order_relaxed);
  s.left_out_ever.fetch_add(1, std::memory_order_relaxed);
  return false;
}

Dropped dropped() {
  const State& s = state();
  const auto pool = s.logger ? spdlog::thread_pool() : nullptr;
  return {s.left_out_ever, pool ? static_cast<std::int64_t>(pool->overrun_counter()) : 0};
}

Level log_level_of(std::string_view name) {
  for (const Level level : {Level::debug, Level::warn, Level::error})
    if (name == kLevelNames[static_cast<int>(level)]) return level;
  return name == "off" ? Level::off : Level::info;
}

void write(Level level, std::string_view message, Fields fields) {
  const State& s = state();
  const std::string line = s.format == Format::json ? json_line(level, message, fields)
                                                    : text_line(level, message, fields);
  if (!s.logger) {
    fmt::print(stderr, "{}\n", line);
    return;
  }
  s.logger->log(level >= Level::warn ? spdlog::level::warn : spdlog::level::info, line);
}

}  // namespace instapay::log
