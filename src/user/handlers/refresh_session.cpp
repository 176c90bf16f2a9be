#include <algorithm>

#include "auth/opaque_token.h"
#include "queries.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "user/handlers/handlers.h"
#include "user/session_answer.h"

namespace instapay::user {
namespace {

std::unexpected<Error> invalid() {
  return fail(Code::refresh_token_invalid, "The session has ended; sign in again.");
}

void count(std::string_view result) {
  metrics::counter("instapay_refreshes_total", "Refresh tokens presented",
                   {{"result", std::string(result)}})
      .Increment();
}

Task<Result<net::Response>> exchange(Service& service, const net::Request& request,
                                     std::string_view old_text) {
  const auto old_hash = auth::hash_opaque_token(old_text);
  if (!old_hash) co_return invalid();
  const auth::OpaqueToken successor = auth::make_opaque_token();
  const auto sealed = auth::seal_successor(old_text, successor.text);

  pg::Params params;
  params.add_bytes(*old_hash).add_bytes(successor.hash).add_bytes(*sealed);
  params.add(static_cast<std::int32_t>(service.config.refresh_token_ttl_s));
  params.add(static_cast<std::int32_t>(service.config.session_ttl_s));
  auto rows = co_await service.db.query(queries::user::rotate_refresh_token, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return invalid();

  const std::string verdict(rows->text(0, 0));
  const Uuid session_id = rows->uuid(0, 1);
  const std::int64_t left_s = rows->int64(0, 3);
  const User user = read_user(*rows, 0, 4);
  const FactorState factors = read_factor_state(*rows, 0, 13);
  count(verdict);
  if (verdict == "rotated")
    co_return session_answer(service, request, user, {session_id, successor.text, left_s, factors});
  if (verdict == "replayed") {
    auth::SealedToken first{};
    const auto stored = rows->bytes(0, 2);
    std::copy_n(stored.begin(), std::min(stored.size(), first.size()), first.begin());
    const auto text = auth::unseal_successor(old_text, first);
    co_return session_answer(service, request, user, {session_id, *text, left_s, factors});
  }
  if (verdict == "reused") {
    log::warn("refresh token reused, session ended",
              {{"user.id", user.id.to_string()}, {"session.id", session_id.to_string()}});
    co_await service.revocations.catch_up();
    co_return fail(Code::refresh_token_reused,
                   "This token was used before; its session has been ended. Sign in again.");
  }
  if (verdict == "closed") {
    co_await service.revocations.catch_up();
    co_return fail(Code::account_closed, "This account is closed.");
  }
  co_return invalid();
}

}  // namespace

net::Reply refresh_session(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const std::string token = read_refresh_token(request, fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  auto answer = co_await exchange(service, request, token);
  // What ends the session also takes the cookie away.
  if (answer ||
      (info(answer.error().code).status != 401 && answer.error().code != Code::account_closed))
    co_return answer;
  net::Response refused = net::problem(answer.error(), request);
  clear_cookie(request, refused);
  co_return refused;
}

}  // namespace instapay::user
