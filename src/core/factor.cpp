#include "core/factor.h"

#include <utility>
#include <vector>

namespace instapay {

namespace {

// What a client may answer with; which of them the user has is not known here.
std::vector<std::string_view> accepted_factors() {
  std::vector<std::string_view> names;
  for (const Factor factor : kFactors) names.push_back(name_of(factor));
  return names;
}

}  // namespace

Error step_up_error(bool pin_is_enough) {
  std::vector<std::string_view> accepted = accepted_factors();
  if (pin_is_enough) accepted.push_back(name_of(Factor::pin));
  return {.code = Code::step_up_required,
          .detail = "Show your second factor once more, at /api/users/me/step-up.",
          .factor = FactorDemand{.accepts = std::move(accepted)}};
}

Result<void> require_step_up(const FactorState& state, std::int64_t now_s) {
  if (state.needs_proof(now_s)) return fail(step_up_error());
  return {};
}

}  // namespace instapay
