#include "core/limits.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/passkeys.h"
#include "user/pins.h"
#include "user/session_answer.h"

namespace instapay::user {

namespace {

// The session is proven by the second factor from now on.
Task<Result<pg::Rows>> prove_factor(Service& service, const net::Principal& who,
                                    ShownFactor shown) {
  const auto proof =
      co_await prove_shown(service, who.user_id, std::move(shown),
                           auth::ChallengePurpose::step_up(who.user_id, who.session_id));
  if (!proof) co_return fail(proof.error());
  pg::Params params;
  params.add(who.user_id).add(who.session_id).add(name_of(proof->factor));
  params.add(static_cast<std::int32_t>(service.config.session_ttl_s)).add(proof->factors_version);
  auto rows = co_await service.db.query(queries::user::prove_session, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::token_revoked, "The session has ended; log in again.");
  co_return std::move(*rows);
}

}  // namespace

// The access token that it answers carries the time: services ask nobody.
net::Reply step_up(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const bool by_pin = fields.has("pin");
  std::string pin = by_pin ? read_pin(fields, "pin") : std::string();
  ShownFactor shown = by_pin ? ShownFactor{} : read_shown_factor(fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  const net::Principal& who = *request.principal;
  const auto rows = by_pin ? co_await prove_pin(service, request, std::move(pin))
                           : co_await prove_factor(service, who, std::move(shown));
  if (!rows) co_return fail(rows.error());
  const Role role = parse_role(rows->text(0, 0)).value_or(Role::user);
  const AccessToken token = make_access_token(service, who.user_id, role, who.session_id,
                                              rows->int64(0, 1), read_factor_state(*rows, 0, 2));
  net::Response response{200, "application/json"};
  JsonWriter(response.body)
      .begin_object()
      .field("accessToken", token.text)
      .field("tokenType", "Bearer")
      .field("expiresIn", token.expires_in_s)
      .field("factorExpiresIn", kStepUpMaxAge_s)
      .end_object();
  co_return response;
}

}  // namespace instapay::user
