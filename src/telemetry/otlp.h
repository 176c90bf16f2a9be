#pragma once
// Spans as OTLP writes them in JSON: ExportTraceServiceRequest of opentelemetry-proto 1.x
// (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding": ids in hexadecimal, 64-bit numbers
// as text, enumerations as numbers).
#include <span>
#include <string>

#include "telemetry/trace.h"

namespace instapay::trace {

/// What all spans of this process have in common.
struct Resource {
  std::string service, version, instance;
};

std::string otlp_json(std::span<const Span> spans, const Resource& resource);

}  // namespace instapay::trace
