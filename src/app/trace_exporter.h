#pragma once
// Sends the spans of telemetry/trace.h to a collector by OTLP over HTTP, in JSON. What the
// collector cannot take now is sent again later; what it refuses is dropped. Nobody waits for it.
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "telemetry/otlp.h"

namespace instapay::app {

class TraceExporter {
 public:
  /// `endpoint`: the collector's base URL, as OTEL_EXPORTER_OTLP_ENDPOINT names it. Begins the
  /// sampling of requests.
  TraceExporter(const std::string& endpoint, std::uint32_t per_million, trace::Resource resource);
  /// Sends what is left, once.
  ~TraceExporter();

 private:
  enum class Sent : std::uint8_t { taken, refused, later };

  void run(const std::stop_token& stop);
  Sent send(const std::string& body);
  void complain(const std::string& why);

  const std::string url_;
  const trace::Resource resource_;
  bool complained_ = false;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace instapay::app
