#include "auth/factor_metric.h"

#include "telemetry/metrics.h"

namespace instapay::auth {

void count_factor_check(Factor factor, std::string_view result) {
  metrics::counter("instapay_factor_checks_total", "Second factors presented",
                   {{"factor", std::string(name_of(factor))}, {"result", std::string(result)}})
      .Increment();
}

}  // namespace instapay::auth
