#pragma once
// Prometheus metrics of this process, in one registry. Names follow prometheus.io's conventions
// (unit last, counters end in _total); every metric is registered where it is counted.
// Thread-safe. References stay valid for ever.
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <functional>
#include <map>
#include <string>

namespace instapay::metrics {

using Labels = std::map<std::string, std::string>;

prometheus::Counter& counter(const std::string& name, const std::string& help,
                             const Labels& labels = {});
prometheus::Gauge& gauge(const std::string& name, const std::string& help,
                         const Labels& labels = {});
prometheus::Histogram& histogram(const std::string& name, const std::string& help,
                                 const prometheus::Histogram::BucketBoundaries& buckets,
                                 const Labels& labels = {});

/// Runs before every scrape, to set gauges that are read off something. Not for slow things.
void before_scrape(std::function<void()> refresh);

/// CPU, memory, descriptors and start of this process, by the names that Prometheus' own clients
/// give them, and what the log did not write. Once.
void publish_process();

/// The text exposition format, version 0.0.4.
std::string scrape();

/// 0.5 ms to 10 s.
const prometheus::Histogram::BucketBoundaries& latency_buckets_s();

}  // namespace instapay::metrics
