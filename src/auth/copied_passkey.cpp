#include "auth/copied_passkey.h"

#include "auth/factor_metric.h"
#include "queries/auth.h"
#include "telemetry/log.h"

namespace instapay::auth {

Task<Result<bool>> report_copied_passkey(pg::Pool& db, Uuid passkey, Uuid user,
                                         std::int64_t sign_count) {
  const auto marked =
      co_await db.query(queries::auth::mark_passkey_copied,
                        std::move(pg::Params().add(passkey).add(user).add(sign_count)));
  if (!marked) co_return fail(pg::to_error(marked.error()));
  if (marked->empty()) co_return false;
  count_factor_check(Factor::passkey, "copied");
  log::warn("the counter of a passkey went back: somebody may have a copy",
            {{"user.id", user.to_string()}});
  co_return true;
}

}  // namespace instapay::auth
