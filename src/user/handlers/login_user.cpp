#include "auth/login_challenge.h"
#include "auth/password.h"
#include "core/time.h"
#include "queries.h"
#include "user/begin_session.h"
#include "user/cookies.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"
#include "user/rules.h"

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
  bool has_factor, has_passkey, has_totp;

  bool has(Factor factor) const {
    return factor == Factor::passkey ? has_passkey : factor == Factor::totp ? has_totp : has_factor;
  }
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
  co_return Verified{.user = read_user(*rows, 0),
                     .password_hash = std::move(hash),
                     .match = *right,
                     .has_factor = rows->boolean(0, 10),
                     .has_passkey = rows->boolean(0, 11),
                     .has_totp = rows->boolean(0, 12)};
}

// After the cost was raised (or lowered), or when the hash is not of the normal form: makes the
// hash anew while the password is at hand. The next login tries again if this fails.
Task<void> rehash_if_needed(Service& service, Verified& verified, const std::string& given) {
  if (verified.match == auth::PasswordMatch::normal &&
      !auth::needs_rehash(verified.password_hash, service.passwords.cost()))
    co_return;
  auto normal = auth::normalize_password(given);
  if (!normal || normal->size() > auth::kPasswordMax_bytes) co_return;
  auto hash = co_await service.passwords.hash(std::move(*normal));
  if (!hash) co_return;
  pg::Params params;
  params.add(verified.user.id).add(verified.password_hash).add(*hash);
  const auto done = co_await service.db.query(queries::user::rehash_password, std::move(params));
  if (done && done->affected() == 1) verified.password_hash = std::move(*hash);
}

// The challenge is bound to the hash, so that is made anew before.
std::unexpected<Error> ask_for_factor(const Service& service, const Verified& verified) {
  FactorDemand demand;
  for (const Factor factor : kFactors)
    if (verified.has(factor)) demand.accepts.push_back(name_of(factor));
  demand.challenge =
      service.challenges.issue(verified.user.id, verified.password_hash, now_us() / kSecond_us);
  demand.expires_in_s = auth::kLoginChallengeTtl_s;
  return fail(
      {.code = Code::second_factor_required,
       .detail = "Show a passkey, or send a code of your authenticator app or a recovery code.",
       .factor = std::move(demand)});
}

Task<Result<net::Response>> sign_in(Service& service, const net::Request& request,
                                    const Credentials& credentials) {
  // Twice, because the hash may be replaced by another login or a change of password in between,
  // an account closed, and a factor set up.
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto verified = co_await verify(service, credentials);
    if (!verified) co_return fail(std::move(verified.error()));
    if (!*verified) break;
    if ((*verified)->user.status == ledger::AccountStatus::closed)
      co_return fail(Code::account_closed, "This account is closed.");
    if ((*verified)->has_factor) {
      co_await rehash_if_needed(service, **verified, credentials.password);
      co_return ask_for_factor(service, **verified);
    }
    const auto session = co_await begin_session(service, request, (*verified)->user,
                                                (*verified)->password_hash, std::nullopt);
    if (!session) co_return fail(session.error());
    if (!*session) continue;
    co_await rehash_if_needed(service, **verified, credentials.password);
    co_return session_answer(service, request, (*verified)->user, **session);
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
  if (auto begun = begin_login(service, attempt); !begun) co_return fail(std::move(begun.error()));
  auto answer = co_await sign_in(service, request, *credentials);
  const Code code = answer ? Code::kCount : answer.error().code;
  if (answer || code == Code::account_closed || code == Code::second_factor_required) {
    service.throttle.succeeded(attempt, monotonic_us());
    count_login(answer ? "succeeded" : code == Code::account_closed ? "closed" : "factor_required");
  } else if (code == Code::invalid_credentials) {
    count_login("failed");
  } else {
    service.throttle.abandoned(attempt, monotonic_us());
    count_login("error");
  }
  co_return answer;
}

}  // namespace instapay::user
