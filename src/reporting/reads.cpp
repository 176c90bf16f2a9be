#include "reporting/reads.h"

#include "core/time.h"
#include "queries.h"
#include "telemetry/metrics.h"

namespace instapay::reporting {
namespace {

constexpr auto kClockEvery = std::chrono::seconds(1);

prometheus::Counter& reads_of(const char* server) {
  return metrics::counter("instapay_report_statements_total",
                          "Statements of reports, by where they were read", {{"server", server}});
}

// A replica ends statements that stand in the way of what it replays; the primary has none of that.
bool elsewhere_it_may_work(const pg::Failure& failure) {
  return failure.kind != pg::Failure::Kind::sql || failure.is(pg::kSerializationFailure);
}

class ClockReads final : public Rounds {
 public:
  ClockReads(asio::io_context& io, pg::Pool& primary, pg::StandbyPool& standbys)
      : Rounds(io, kClockEvery), primary_(primary), standbys_(standbys) {}

 private:
  Task<bool> round() override {
    const auto clock = co_await primary_.query(queries::standby::primary_clock);
    if (clock) standbys_.set_primary_clock(clock->front().now);
    co_return false;
  }

  pg::Pool& primary_;
  pg::StandbyPool& standbys_;
};

}  // namespace

void Reads::start(asio::io_context& io) {
  if (standbys_ == nullptr) return;
  rounds_ = std::make_shared<ClockReads>(io, primary_, *standbys_);
  rounds_->start();
}

void Reads::stop() {
  if (rounds_) rounds_->stop();
}

Task<pg::Result<pg::Rows>> Reading::query(pg::Statement statement, pg::Params params) {
  static auto& on_standby = reads_of("standby");
  static auto& on_primary = reads_of("primary");
  if (on_standby_) {
    auto aged = co_await reads_.standbys_->query(statement, params);
    if (aged) {
      on_standby.Increment();
      as_of_us_ = std::min(as_of_us_, aged->as_of_us);
      co_return std::move(aged->rows);
    }
    if (!elsewhere_it_may_work(aged.error())) co_return std::unexpected(std::move(aged.error()));
    on_standby_ = false;
  }
  on_primary.Increment();
  as_of_us_ = std::min(as_of_us_, now_us());
  co_return co_await reads_.primary_.query(statement, std::move(params));
}

}  // namespace instapay::reporting
