#include "telemetry/otlp.h"

#include "core/json.h"
#include "core/sha256.h"

namespace instapay::trace {
namespace {

constexpr int kStatusError = 2;

void write_attribute(JsonWriter& json, std::string_view key, const Span::Value& value) {
  json.begin_object().field("key", key).key("value").begin_object();
  if (const auto* text = std::get_if<std::string>(&value)) {
    json.field("stringValue", *text);
  } else {
    json.field("intValue", std::to_string(std::get<std::int64_t>(value)));
  }
  json.end_object().end_object();
}

std::string nanoseconds(std::int64_t unix_us) { return std::to_string(unix_us) + "000"; }

void write_span(JsonWriter& json, const Span& span) {
  json.begin_object();
  json.field("traceId", to_hex(span.context.trace)).field("spanId", to_hex(span.context.span));
  if (span.context.parent != SpanId{}) json.field("parentSpanId", to_hex(span.context.parent));
  json.field("name", span.name).field("kind", static_cast<int>(span.kind));
  json.field("startTimeUnixNano", nanoseconds(span.begun_us));
  json.field("endTimeUnixNano", nanoseconds(span.ended_us));
  json.key("attributes").begin_array();
  for (const auto& [key, value] : span.attributes) write_attribute(json, key, value);
  json.end_array();
  json.key("status").begin_object();
  if (span.failed) json.field("code", kStatusError);
  json.end_object().end_object();
}

}  // namespace

std::string otlp_json(std::span<const Span> spans, const Resource& resource) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("resourceSpans").begin_array().begin_object();
  json.key("resource").begin_object().key("attributes").begin_array();
  write_attribute(json, "service.name", resource.service);
  write_attribute(json, "service.version", resource.version);
  write_attribute(json, "service.instance.id", resource.instance);
  json.end_array().end_object();
  json.key("scopeSpans").begin_array().begin_object();
  json.key("scope").begin_object().field("name", "instapay").end_object();
  json.key("spans").begin_array();
  for (const Span& span : spans) write_span(json, span);
  json.end_array().end_object().end_array().end_object().end_array().end_object();
  return text;
}

}  // namespace instapay::trace
