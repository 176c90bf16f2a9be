#include "user/begin_session.h"
#include "user/handlers/handlers.h"
#include "user/passkeys.h"
#include "user/second_step.h"

namespace instapay::user {
namespace {

Task<Result<net::Response>> sign_in(Service& service, const net::Request& request,
                                    std::string challenge, ShownFactor shown) {
  const auto challenged = co_await find_challenged(service, std::move(challenge));
  if (!challenged) co_return fail(challenged.error());
  const User& user = challenged->user;
  const auto proof =
      co_await prove_shown(service, user.id, std::move(shown),
                           auth::ChallengePurpose::second_step(user.id, challenged->password_hash));
  if (!proof) co_return fail(proof.error());
  const auto session =
      co_await begin_session(service, request, user, challenged->password_hash, *proof);
  if (!session) co_return fail(session.error());
  if (!*session) co_return begin_sign_in_again();
  co_return session_answer(service, request, user, **session);
}

}  // namespace

net::Reply login_factor(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  check_transport(request, fields);
  std::string challenge = fields.secret("challenge");
  ShownFactor shown = read_shown_factor(fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  auto answer = co_await sign_in(service, request, std::move(challenge), std::move(shown));
  count_factor_login(answer);
  co_return answer;
}

}  // namespace instapay::user
