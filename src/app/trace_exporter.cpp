#include "app/trace_exporter.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "net/fetch.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace instapay::app {
namespace {

constexpr std::size_t kBatchMax_spans = 512;
constexpr std::int64_t kTimeout_ms = 2'000;
constexpr auto kPeriod = std::chrono::milliseconds(1'000);
constexpr auto kRetryMax = std::chrono::milliseconds(30'000);

std::string traces_url(std::string base) {
  while (base.ends_with('/')) base.pop_back();
  return base + "/v1/traces";
}

// OTLP/HTTP, "Retryable response codes".
bool is_retryable(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

TraceExporter::TraceExporter(const std::string& endpoint, std::uint32_t per_million,
                             trace::Resource resource)
    : url_(traces_url(endpoint)), resource_(std::move(resource)) {
  trace::start(per_million);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

TraceExporter::~TraceExporter() { trace::stop(); }

void TraceExporter::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "traces");
  auto& exported =
      metrics::counter("instapay_trace_spans_exported_total", "Spans that the collector took");
  auto& refused =
      metrics::counter("instapay_trace_spans_refused_total", "Spans that the collector refused");
  std::vector<trace::Span> batch;
  auto pause = kPeriod;
  while (true) {
    const bool is_last = stop.stop_requested();
    if (batch.empty()) batch = trace::take(kBatchMax_spans);
    if (!batch.empty()) {
      const auto count = static_cast<double>(batch.size());
      switch (send(trace::otlp_json(batch, resource_))) {
        case Sent::taken:
          exported.Increment(count);
          batch.clear();
          pause = kPeriod;
          // What waits goes at once, so that a busy process is kept up with.
          continue;
        case Sent::refused:
          refused.Increment(count);
          batch.clear();
          break;
        case Sent::later:
          pause = std::min(pause * 2, kRetryMax);
          break;
      }
    }
    if (is_last) return;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, pause, [] { return false; });
  }
}

TraceExporter::Sent TraceExporter::send(const std::string& body) {
  const auto answer = net::post(url_, "application/json", body, kTimeout_ms);
  if (answer && answer->status / 100 == 2) {
    complained_ = false;
    return Sent::taken;
  }
  complain(answer ? "status " + std::to_string(answer->status) : answer.error());
  return answer && !is_retryable(answer->status) ? Sent::refused : Sent::later;
}

void TraceExporter::complain(const std::string& why) {
  if (!std::exchange(complained_, true))
    log::warn("cannot send traces to the collector", {{"url.full", url_}, {"error.message", why}});
}

}  // namespace instapay::app
