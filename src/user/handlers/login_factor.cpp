#include "core/time.h"
#include "queries.h"
#include "user/begin_session.h"
#include "user/handlers/handlers.h"

namespace instapay::user {
namespace {

std::unexpected<Error> begin_again() {
  return fail(Code::challenge_invalid, "This sign-in has expired; begin again with the password.");
}

Task<Result<net::Response>> sign_in(Service& service, const net::Request& request,
                                    const std::string& challenge_text, const std::string& code) {
  const auto challenge = auth::LoginChallenges::parse(challenge_text);
  if (!challenge) co_return begin_again();
  const auto rows =
      co_await service.db.query(queries::user::find_challenged, pg::Params().add(challenge->user));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return begin_again();
  const User user = read_user(*rows, 0);
  const std::string password_hash(rows->text(0, 9));
  if (!service.challenges.is_good(*challenge, password_hash, now_us() / kSecond_us))
    co_return begin_again();
  if (user.status == ledger::AccountStatus::closed)
    co_return fail(Code::account_closed, "This account is closed.");
  const auto factor = co_await prove_factor(service, user.id, code);
  if (!factor) co_return fail(factor.error());
  const auto session = co_await begin_session(service, request, user.id, password_hash, *factor);
  if (!session) co_return fail(session.error());
  if (!*session) co_return begin_again();
  co_return session_answer(service, request, user, **session);
}

std::string_view result_of(Code code) {
  switch (code) {
    case Code::factor_code_invalid:
      return "factor_failed";
    case Code::challenge_invalid:
      return "challenge_failed";
    case Code::login_throttled:
      return "throttled";
    case Code::account_closed:
      return "closed";
    default:
      return "error";
  }
}

}  // namespace

net::Reply login_factor(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  check_transport(request, fields);
  const std::string challenge = fields.secret("challenge");
  const std::string code = read_factor_code(fields, "code");
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  auto answer = co_await sign_in(service, request, challenge, code);
  count_login(answer ? "succeeded" : result_of(answer.error().code));
  co_return answer;
}

}  // namespace instapay::user
