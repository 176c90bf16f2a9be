#pragma once
// Logs for machines and people: one JSON object a line in ECS names (elastic.co/ecs) on standard
// output, or readable text on a terminal. Never a password, token or request body. Thread-safe;
// lines are written by a thread aside, and a full buffer drops the oldest lines, not a request.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace instapay::log {

enum class Level : std::uint8_t { debug, info, warn, error, off };
enum class Format : std::uint8_t { text, json };

struct Field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t> value;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, std::int64_t v) : key(k), value(v) {}
  Field(std::string_view k, int v) : key(k), value(std::int64_t{v}) {}
  Field(std::string_view k, std::size_t v) : key(k), value(static_cast<std::int64_t>(v)) {}
};
using Fields = std::initializer_list<Field>;

/// Call once before the first line; without it, text from `info` on goes to standard error.
/// `samples_per_s`: what sample() lets through; 0: everything.
void start(Level level, Format format, std::string_view service, int samples_per_s = 0);
/// Writes out what is buffered.
void stop();

bool enabled(Level level);
/// Whether a line of a kind that comes with every request may be written now: true so many times a
/// second. How many were left out is said by a line once the second is over, and by dropped().
bool sample();
/// Lines that nobody will read, since the start: left out by sample(), overrun in the buffer.
struct Dropped {
  std::int64_t sampled = 0, overrun = 0;
};
Dropped dropped();
/// debug, info, warn, error, off; anything else is info.
Level log_level_of(std::string_view name);
void write(Level level, std::string_view message, Fields fields);

inline void debug(std::string_view message, Fields fields = {}) {
  if (enabled(Level::debug)) write(Level::debug, message, fields);
}
inline void info(std::string_view message, Fields fields = {}) {
  if (enabled(Level::info)) write(Level::info, message, fields);
}
inline void warn(std::string_view message, Fields fields = {}) {
  if (enabled(Level::warn)) write(Level::warn, message, fields);
}
inline void error(std::string_view message, Fields fields = {}) {
  if (enabled(Level::error)) write(Level::error, message, fields);
}

}  // namespace instapay::log
