#include "ledger/commit/answer.h"

#include <unordered_map>

#include "telemetry/metrics.h"

namespace instapay::ledger {
namespace {

prometheus::Counter& replays() {
  static prometheus::Counter& counter = metrics::counter(
      "instapay_ledger_replays_total", "Orders answered from their key's transfer");
  return counter;
}

prometheus::Counter& rejections(Code code) {
  return metrics::counter("instapay_ledger_rejections_total", "Orders refused, by code",
                          {{"code", std::string(info(code).name)}});
}

}  // namespace

void answer(Submissions& submissions, std::vector<Outcomes> outcomes) {
  std::unordered_map<Mailbox<Outcomes>*, std::vector<Mailbox<Outcomes>::Delivery>> deliveries;
  for (std::size_t i = 0; i < submissions.size(); ++i) {
    Submission& submission = *submissions[i];
    for (const Outcome& outcome : outcomes[i]) {
      if (!outcome) rejections(outcome.error().code).Increment();
      if (outcome && outcome->replayed) replays().Increment();
    }
    if (submission.completion != nullptr)
      deliveries[submission.reply].push_back(
          {std::move(submission.completion), std::move(outcomes[i])});
  }
  for (auto& [mailbox, mail] : deliveries) mailbox->post(std::move(mail));
  submissions.clear();
}

void refuse(Submissions& submissions, const Refusal& refusal) {
  std::vector<Outcomes> outcomes;
  for (const auto& submission : submissions)
    outcomes.emplace_back(submission->orders.size(), std::unexpected(refusal));
  answer(submissions, std::move(outcomes));
}

}  // namespace instapay::ledger
