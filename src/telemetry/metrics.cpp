#include "telemetry/metrics.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <vector>

namespace instapay::metrics {
namespace {

prometheus::Registry& registry() {
  static prometheus::Registry instance;
  return instance;
}

struct Refreshers {
  std::mutex mutex;
  std::vector<std::function<void()>> all;
};
Refreshers& refreshers() {
  static Refreshers instance;
  return instance;
}

}  // namespace

prometheus::Counter& counter(const std::string& name, const std::string& help,
                             const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry()).Add(labels);
}

prometheus::Histogram& histogram(const std::string& name, const std::string& help,
                                 const prometheus::Histogram::BucketBoundaries& buckets,
                                 const Labels& labels) {
  return prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(registry())
      .Add(labels, buckets);
}

void before_scrape(std::function<void()> refresh) {
  const std::lock_guard lock(refreshers().mutex);
  refreshers().all.push_back(std::move(refresh));
}

std::string scrape() {
  {
    const std::lock_guard lock(refreshers().mutex);
    for (const auto& refresh : refreshers().all) refresh();
  }
  return prometheus::TextSerializer().Serialize(registry().Collect());
}

const prometheus::Histogram::BucketBoundaries& latency_buckets_s() {
  static const prometheus::Histogram::BucketBoundaries buckets{
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return buckets;
}

}  // namespace instapay::metrics
