#include "user/begin_session.h"

#include "auth/opaque_token.h"
#include "core/limits.h"
#include "core/text.h"
#include "core/time.h"
#include "queries.h"
#include "telemetry/metrics.h"
#include "user/cookies.h"
#include "user/user_agent.h"

namespace instapay::user {
namespace {

constexpr std::size_t kUserAgentMax_bytes = 255;

}  // namespace

std::string user_agent_of(const net::Request& request) {
  std::string_view agent = request.header("User-Agent");
  agent = agent.substr(0, kUserAgentMax_bytes);
  // It may have been cut inside a character.
  for (int i = 0; i < 3 && !net::is_valid_utf8(agent); ++i) agent.remove_suffix(1);
  // People read it in the list of their sessions.
  return net::is_valid_utf8(agent) && is_plain_text(agent) ? std::string(agent) : std::string();
}

Task<Result<std::optional<Session>>> begin_session(Service& service, const net::Request& request,
                                                   const User& user,
                                                   const std::string& password_hash,
                                                   const std::optional<FactorProof>& proof) {
  const Uuid id = Uuid::v7(now_us());
  const auth::OpaqueToken token = auth::make_opaque_token();
  pg::Params params;
  const std::string agent = user_agent_of(request);
  params.add(user.id).add(password_hash).add(id).add(agent).add(request.address);
  params.add(static_cast<std::int32_t>(service.config.refresh_token_ttl_s)).add_bytes(token.hash);
  params.add(static_cast<std::int32_t>(service.config.session_ttl_s)).add(kSessionsPerUserMax);
  params.add(proof ? std::optional(name_of(proof->factor)) : std::nullopt);
  params.add(proof ? std::optional(proof->factors_version) : std::nullopt);
  const bool is_known =
      !service.devices.find(cookie_of(request, Cookie::device), user.email, now_us() / kSecond_us)
           .empty();
  params.add(service.config.sends_mails());
  params.add(is_known ? std::nullopt : std::optional(describe_device(agent, request.address)));
  auto rows = co_await service.db.query(queries::user::create_session, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return std::nullopt;
  if (rows->int64(0, 1) > 0) co_await service.revocations.catch_up();  // older sessions ended
  co_return Session{id, token.text, service.config.session_ttl_s, read_factor_state(*rows, 0, 2)};
}

Result<void> begin_login(Service& service, const auth::LoginAttempt& attempt) {
  const std::int64_t wait_s = service.throttle.begin_attempt(attempt, monotonic_us());
  if (wait_s == 0) return {};
  count_login("throttled");
  return fail({.code = Code::login_throttled,
               .detail = "Too many attempts to sign in; wait a little.",
               .retry_after_s = static_cast<int>(wait_s)});
}

void count_login(std::string_view result) {
  metrics::counter("instapay_logins_total", "Attempts to sign in",
                   {{"result", std::string(result)}})
      .Increment();
}

void count_factor_login(const Result<net::Response>& answer) {
  if (answer) return count_login("succeeded");
  switch (answer.error().code) {
    case Code::factor_code_invalid:
    case Code::passkey_invalid:
    case Code::passkey_copied:
      return count_login("factor_failed");
    case Code::challenge_invalid:
      return count_login("challenge_failed");
    case Code::login_throttled:
      return count_login("throttled");
    case Code::account_closed:
      return count_login("closed");
    default:
      return count_login("error");
  }
}

}  // namespace instapay::user
