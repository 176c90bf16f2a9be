#pragma once
// Traces in OpenTelemetry's terms: a span says what took how long, and inside which other span.
// The spans of sampled requests wait here, in a bounded buffer, for who exports them
// (app/trace_exporter.h). Nothing is kept, and no id is made, until start(). Thread-safe.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace instapay::trace {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

/// Where a span stands (W3C Trace Context); all zero: nowhere.
struct Context {
  TraceId trace{};
  SpanId span{}, parent{};
  bool sampled = false;

  bool known() const { return trace != TraceId{}; }
};

/// OTLP's numbers of them.
enum class Kind : std::uint8_t { internal = 1, server = 2 };

struct Span {
  using Value = std::variant<std::string, std::int64_t>;

  Context context;
  std::string name;
  Kind kind = Kind::internal;
  std::int64_t begun_us = 0, ended_us = 0;  // of the Unix epoch
  bool failed = false;
  std::vector<std::pair<std::string_view, Value>> attributes = {};  // keys are literals
};

/// From now on requests are sampled: those whose caller says so, and of those whose caller says
/// nothing so many in a million.
void start(std::uint32_t per_million);
void stop();

/// The context of a request's span, from its `traceparent` header (W3C Trace Context, section 3.2);
/// a header that is not valid counts as none.
Context begin_request(std::string_view traceparent);
/// A span inside another one, sampled as that is.
Context begin_inside(const Context& outer);

/// When the buffer is full the span is dropped, and counted.
void add(Span span);
/// The oldest spans, at most so many.
std::vector<Span> take(std::size_t at_most);

}  // namespace instapay::trace
