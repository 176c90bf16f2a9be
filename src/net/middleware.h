#pragma once
// What happens around every handler, in this order (docs/architecture.md, "HTTP"):
//   request id → metrics and access log → exception fence → CORS → rate limit by address →
//   authentication → rate limit by user → body limit → handler
// before() runs on the head alone, so that nobody makes us read a body we would refuse.
#include <atomic>
#include <map>
#include <vector>

#include "net/server.h"
#include "telemetry/metrics.h"

namespace instapay::net {

class Middleware {
 public:
  Middleware(const ServerOptions& options, const Router& router, std::size_t threads);

  struct Admission {
    const Router::Entry* entry = nullptr;  // who handles it, unless `refused` is set
    std::optional<Response> refused;       // answer with this instead of handling
    std::int64_t begun_us = 0;
  };

  Admission before(Request& request) const;
  /// The handler inside the exception fence.
  Task<Response> handle(const Admission& admission, Request& request) const;
  /// See net::charge().
  Result<void> charge(Request& request, std::int64_t more) const;
  /// Completes the headers, counts and logs.
  void after(const Admission& admission, const Request& request, Response& response);

 private:
  std::optional<Response> preflight(Request& request) const;
  Result<void> authorize(const Router::Entry& entry, Request& request) const;
  void add_cors(const Request& request, Response& response) const;
  bool origin_allowed(std::string_view origin) const;

  struct Counted {
    prometheus::Histogram* duration = nullptr;
    std::map<int, prometheus::Counter*> by_status;
  };
  Counted& counted(const Router::Entry* entry);

  const ServerOptions& options_;
  const Router& router_;
  std::vector<std::vector<Counted>> counted_;  // [thread][entry + 1]; 0: no route
};

/// Counts a request that does the work of several as `more` requests besides itself, in the rate
/// limits of its user and its address. What it takes beyond them is owed: later requests wait until
/// that is paid off. Error: rate_limited, while an earlier request's debt is not.
Result<void> charge(Request& request, std::int64_t more);

/// A usable X-Request-Id or a new one; where the request stands in a trace.
void identify(Request& request);

}  // namespace instapay::net
