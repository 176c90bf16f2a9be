#include "ledger/commit/batch_spans.h"

#include "core/time.h"

namespace instapay::ledger {
namespace {

void add_spans(const Submission& submission, const Plan& plan, const BatchTimes& times,
               Time ended) {
  const trace::Context batch = trace::begin_inside(submission.span);
  trace::add({.context = trace::begin_inside(submission.span),
              .name = "ledger.queue",
              .begun_us = submission.queued.us,
              .ended_us = times.taken.us});
  trace::add({.context = trace::begin_inside(batch),
              .name = "ledger.commit",
              .begun_us = times.committing.us,
              .ended_us = ended.us});
  trace::Span whole{.context = batch,
                    .name = "ledger.batch",
                    .begun_us = times.taken.us,
                    .ended_us = ended.us,
                    .attributes = {{"instapay.batch.attempts", std::int64_t{times.attempts}}}};
  // When everything in it was refused it has no place in the chain.
  if (!plan.empty()) {
    whole.attributes.emplace_back("instapay.chain", std::int64_t{plan.row.chain_id});
    whole.attributes.emplace_back("instapay.batch", plan.row.seq);
    whole.attributes.emplace_back("instapay.batch.transfers",
                                  static_cast<std::int64_t>(plan.transfers.size()));
  }
  trace::add(std::move(whole));
}

}  // namespace

void add_spans(const Submissions& submissions, const Plan& plan, const BatchTimes& times) {
  for (const auto& submission : submissions)
    if (submission->span.sampled) add_spans(*submission, plan, times, {now_us()});
}

}  // namespace instapay::ledger
