#include "auth/login_throttle.h"
#include "core/sha256.h"
#include "core/time.h"
#include "queries.h"
#include "user/begin_session.h"
#include "user/handlers/handlers.h"
#include "user/passkeys.h"
#include "user/second_step.h"

namespace instapay::user {
namespace {

Task<Result<net::Response>> sign_in(Service& service, const net::Request& request,
                                    auth::AssertionAnswer answer) {
  const auto proven = co_await prove_passkey(service, std::move(answer),
                                             auth::ChallengePurpose::sign_in(), std::nullopt);
  if (!proven) co_return fail(proven.error());
  const auto rows =
      co_await service.db.query(queries::user::find_challenged, pg::Params().add(proven->user));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return refuse_passkey(auth::WebauthnProblem::credential);  // removed since
  const User user = read_user(*rows, 0);
  if (user.status == ledger::AccountStatus::closed)
    co_return fail(Code::account_closed, "This account is closed.");
  const auto session =
      co_await begin_session(service, request, user, std::string(rows->text(0, 9)), proven->proof);
  if (!session) co_return fail(session.error());
  if (!*session) co_return stale_challenge();
  co_return session_answer(service, request, user, **session);
}

}  // namespace

// A passkey whose holder was verified is two factors by itself.
net::Reply login_passkey(Service& service, net::Request& request) {
  if (auto there_are = auth::require_passkeys(service.relying_party); !there_are)
    co_return fail(there_are.error());
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  check_transport(request, fields);
  auth::AssertionAnswer answer = auth::read_assertion(fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  // Counted by passkey, as there is no name.
  const std::string passkey = "passkey " + to_hex(sha256(answer.id));
  const auth::LoginAttempt attempt{.account = passkey, .address = request.address, .device = {}};
  if (auto begun = begin_login(service, attempt); !begun) co_return fail(std::move(begun.error()));
  auto signed_in = co_await sign_in(service, request, std::move(answer));
  const Code code = signed_in ? Code::kCount : signed_in.error().code;
  if (signed_in || code == Code::account_closed) {
    service.throttle.succeeded(attempt, monotonic_us());
  } else if (code != Code::passkey_invalid && code != Code::passkey_copied &&
             code != Code::challenge_invalid) {
    service.throttle.abandoned(attempt, monotonic_us());
  }
  count_factor_login(signed_in);
  co_return signed_in;
}

}  // namespace instapay::user
