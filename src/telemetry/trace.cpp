#include "telemetry/trace.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <iterator>
#include <mutex>
#include <random>

#include "core/random.h"
#include "core/sha256.h"
#include "telemetry/metrics.h"

namespace instapay::trace {
namespace {

constexpr std::size_t kBufferMax_spans = 4'096;
constexpr std::uint32_t kMillion = 1'000'000;

struct Buffer {
  std::mutex mutex;
  std::deque<Span> spans;
  prometheus::Counter& dropped = metrics::counter("instapay_trace_spans_dropped_total",
                                                  "Spans dropped because nobody took them in time");
};

Buffer& buffer() {
  static Buffer instance;
  return instance;
}

// 0 until start(); then one more than what is sampled in a million, since nothing may be.
std::atomic<std::uint32_t> sampling{0};

bool draw(std::uint32_t per_million) {
  // Not secret: it only has to be cheap, and different in each thread.
  thread_local std::minstd_rand dice{std::random_device{}()};
  return per_million >= kMillion || dice() % kMillion < per_million;
}

SpanId random_span_id() {
  SpanId id;
  do fill_random(id.data(), id.size());
  while (id == SpanId{});
  return id;
}

// version(2) - trace id(32) - parent id(16) - flags(2); later versions may go on after that.
Context parse(std::string_view header) {
  std::array<std::uint8_t, 1> version{}, flags{};
  Context caller;
  const bool is_valid =
      header.size() >= 55 && header[2] == '-' && header[35] == '-' && header[52] == '-' &&
      from_hex(header.substr(0, 2), version) && from_hex(header.substr(3, 32), caller.trace) &&
      from_hex(header.substr(36, 16), caller.parent) && from_hex(header.substr(53, 2), flags) &&
      version[0] != 0xff && (header.size() == 55 || (version[0] != 0 && header[55] == '-')) &&
      caller.known() && caller.parent != SpanId{};
  if (!is_valid) return {};
  caller.sampled = (flags[0] & 1U) != 0;
  return caller;
}

}  // namespace

void start(std::uint32_t per_million) {
  static_cast<void>(buffer());
  sampling = per_million + 1;
}

void stop() { sampling = 0; }

Context begin_request(std::string_view traceparent) {
  const std::uint32_t now = sampling.load(std::memory_order_relaxed);
  Context context = traceparent.empty() ? Context{} : parse(traceparent);
  if (now == 0) {
    context.sampled = false;
    return context;
  }
  if (!context.known()) {
    if (!draw(now - 1)) return context;
    fill_random(context.trace.data(), context.trace.size());
    context.sampled = true;
  }
  if (context.sampled) context.span = random_span_id();
  return context;
}

Context begin_inside(const Context& outer) {
  return {outer.trace, random_span_id(), outer.span, outer.sampled};
}

void add(Span span) {
  Buffer& all = buffer();
  const std::scoped_lock lock(all.mutex);
  if (all.spans.size() < kBufferMax_spans) {
    all.spans.push_back(std::move(span));
  } else {
    all.dropped.Increment();
  }
}

std::vector<Span> take(std::size_t at_most) {
  Buffer& all = buffer();
  const std::scoped_lock lock(all.mutex);
  const auto end =
      all.spans.begin() + static_cast<std::ptrdiff_t>(std::min(at_most, all.spans.size()));
  std::vector<Span> taken(std::make_move_iterator(all.spans.begin()), std::make_move_iterator(end));
  all.spans.erase(all.spans.begin(), end);
  return taken;
}

}  // namespace instapay::trace
