#include "core/factor.h"

namespace instapay {

std::vector<std::string_view> accepted_factors() {
  return {name_of(Factor::totp), name_of(Factor::recovery_code)};
}

Error step_up_error() {
  return {.code = Code::step_up_required,
          .detail = "Show your second factor once more, at /api/users/me/step-up.",
          .factor = FactorDemand{.accepts = accepted_factors()}};
}

Result<void> require_step_up(const FactorState& state, std::int64_t now_s) {
  if (state.needs_proof(now_s)) return fail(step_up_error());
  return {};
}

}  // namespace instapay
