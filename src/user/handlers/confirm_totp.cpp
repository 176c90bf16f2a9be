#include "auth/totp.h"
#include "core/time.h"
#include "queries.h"
#include "telemetry/log.h"
#include "user/factors.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

// A wrong code is not counted: who enrols was shown the secret.
net::Reply confirm_totp(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const std::string code = read_factor_code(fields, "code");
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  const net::Principal& who = *request.principal;
  if (auto fresh = require_step_up(who.factors, now_us() / kSecond_us); !fresh)
    co_return fail(std::move(fresh.error()));
  const auto begun =
      co_await service.db.query(queries::user::find_begun_totp,
                                std::move(pg::Params().add(who.user_id).add(kEnrolmentTtl_s)));
  if (!begun) co_return fail(pg::to_error(begun.error()));
  if (begun->empty())
    co_return fail(Code::factor_not_found, "No authenticator app waits to be confirmed.");
  const auto secret = open_totp(service.factor_keys, who.user_id, read_sealed(*begun, 0, 1));
  if (!secret) co_return unreadable_factor();
  const auto step = auth::match_totp(*secret, code, now_us() / kSecond_us);
  if (!step) co_return wrong_factor_code();

  const RecoveryCodes codes = make_recovery_codes(who.user_id);
  pg::Params params;
  params.add(who.user_id).add(begun->uuid(0, 0)).add(*step).add(who.session_id);
  add_hashes(params, codes);
  params.add(service.config.sends_mails());
  const auto confirmed = co_await service.db.query(queries::user::confirm_totp, std::move(params));
  if (!confirmed) co_return fail(pg::to_error(confirmed.error()));
  if (confirmed->empty())  // begun anew, or confirmed, by another request
    co_return fail(Code::factor_not_found, "No authenticator app waits to be confirmed.");
  co_await service.revocations.catch_up();
  log::info("second factor set up", {{"user.id", who.user_id.to_string()}});
  co_return recovery_codes_answer(codes);
}

}  // namespace instapay::user
