#include "auth/opaque_token.h"
#include "auth/password.h"
#include "core/limits.h"
#include "core/text.h"
#include "core/time.h"
#include "queries.h"
#include "telemetry/metrics.h"
#include "user/cookies.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"
#include "user/rules.h"
#include "user/session_answer.h"

namespace instapay::user {
namespace {

struct Credentials {
  std::string email, password;
};

Result<Credentials> read_credentials(const net::Request& request, const Json& body) {
  Fields fields(body);
  check_transport(request, fields);
  Credentials credentials;
  credentials.email = fields.text("email", {.max_chars = kEmailMax_bytes});
  credentials.password = fields.secret("password");
  if (auto error = fields.finish()) return fail(std::move(*error));
  // What is no address is one that nobody has: the answer is that of a wrong password.
  if (auto normal = normalize_email(credentials.email)) credentials.email = std::move(*normal);
  return credentials;
}

// Whose password it is, and the hash it was found right against; nullopt when it is wrong or there
// is nobody. Both cost the same work.
struct Verified {
  User user;
  std::string password_hash;
  auth::PasswordMatch match;
};
Task<Result<std::optional<Verified>>> verify(Service& service, const Credentials& credentials) {
  auto rows = co_await service.db.query(queries::user::find_credentials,
                                        pg::Params().add(credentials.email));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const bool found = !rows->empty();
  std::string hash = found ? std::string(rows->text(0, 9)) : service.passwords.dummy_hash();
  auto right = co_await service.passwords.verify(credentials.password, hash);
  if (!right) co_return fail(std::move(right.error()));
  if (!found || *right == auth::PasswordMatch::none) co_return std::nullopt;
  co_return Verified{read_user(*rows, 0), std::move(hash), *right};
}

constexpr std::size_t kUserAgentMax_bytes = 255;

std::string user_agent_of(const net::Request& request) {
  std::string_view agent = request.header("User-Agent");
  agent = agent.substr(0, kUserAgentMax_bytes);
  // It may have been cut inside a character.
  for (int i = 0; i < 3 && !net::is_valid_utf8(agent); ++i) agent.remove_suffix(1);
  // People read it in the list of their sessions.
  return net::is_valid_utf8(agent) && is_plain_text(agent) ? std::string(agent) : std::string();
}

// False when the password was changed, or the account closed, since they were read.
Task<Result<bool>> begin_session(Service& service, const net::Request& request,
                                 const Verified& verified, const Uuid& session_id,
                                 const auth::OpaqueToken& token) {
  pg::Params params;
  params.add(verified.user.id).add(verified.password_hash).add(session_id);
  params.add(user_agent_of(request)).add(request.address);
  params.add(static_cast<std::int32_t>(service.config.refresh_token_ttl_s)).add_bytes(token.hash);
  params.add(static_cast<std::int32_t>(service.config.session_ttl_s)).add(kSessionsPerUserMax);
  auto rows = co_await service.db.query(queries::user::create_session, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return false;
  if (rows->int64(0, 1) > 0) co_await service.revocations.catch_up();  // older sessions ended
  co_return true;
}

// After the cost was raised (or lowered), or when the hash is not of the normal form: makes the
// hash anew while the password is at hand. The next login tries again if this fails.
Task<void> rehash_if_needed(Service& service, const Verified& verified, const std::string& given) {
  if (verified.match == auth::PasswordMatch::normal &&
      !auth::needs_rehash(verified.password_hash, service.passwords.cost()))
    co_return;
  auto normal = auth::normalize_password(given);
  if (!normal || normal->size() > auth::kPasswordMax_bytes) co_return;
  const auto hash = co_await service.passwords.hash(std::move(*normal));
  if (!hash) co_return;
  pg::Params params;
  params.add(verified.user.id).add(verified.password_hash).add(*hash);
  co_await service.db.query(queries::user::rehash_password, std::move(params));
}

void count(std::string_view result) {
  metrics::counter("instapay_logins_total", "Attempts to sign in",
                   {{"result", std::string(result)}})
      .Increment();
}

Task<Result<net::Response>> sign_in(Service& service, const net::Request& request,
                                    const Credentials& credentials) {
  // Twice, because the hash may be replaced by another login or a change of password in between,
  // and an account closed.
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto verified = co_await verify(service, credentials);
    if (!verified) co_return fail(std::move(verified.error()));
    if (!*verified) break;
    if ((*verified)->user.status == ledger::AccountStatus::closed)
      co_return fail(Code::account_closed, "This account is closed.");
    const Uuid session_id = Uuid::v7(now_us());
    const auth::OpaqueToken token = auth::make_opaque_token();
    auto begun = co_await begin_session(service, request, **verified, session_id, token);
    if (!begun) co_return fail(std::move(begun.error()));
    if (!*begun) continue;
    co_await rehash_if_needed(service, **verified, credentials.password);
    co_return session_answer(service, request, (*verified)->user,
                             {session_id, token.text, service.config.session_ttl_s});
  }
  co_return fail(Code::invalid_credentials, "E-mail or password is wrong.");
}

}  // namespace

net::Reply login_user(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto credentials = read_credentials(request, *body);
  if (!credentials) co_return fail(std::move(credentials.error()));

  const std::string device = service.devices.find(cookie_of(request, Cookie::device),
                                                  credentials->email, now_us() / kSecond_us);
  const auth::LoginAttempt attempt{
      .account = credentials->email, .address = request.address, .device = device};
  const std::int64_t wait_s = service.throttle.begin_attempt(attempt, monotonic_us());
  if (wait_s > 0) {
    count("throttled");
    co_return fail({.code = Code::login_throttled,
                    .detail = "Too many attempts to sign in; wait a little.",
                    .retry_after_s = static_cast<int>(wait_s)});
  }
  auto answer = co_await sign_in(service, request, *credentials);
  if (answer || answer.error().code == Code::account_closed) {
    service.throttle.succeeded(attempt, monotonic_us());
    count(answer ? "succeeded" : "closed");
  } else if (answer.error().code == Code::invalid_credentials) {
    count("failed");
  } else {
    service.throttle.abandoned(attempt, monotonic_us());
    count("error");
  }
  co_return answer;
}

}  // namespace instapay::user
