#include "auth/own_assertion.h"

#include "auth/passkey_json.h"
#include "queries/auth.h"

namespace instapay::auth {
namespace {

using Checked = std::expected<OwnAssertion, WebauthnProblem>;

}  // namespace

Task<Result<std::expected<OwnAssertion, WebauthnProblem>>> check_own_assertion(
    pg::Pool& db, const RelyingParty& party, Hash256 challenge, Uuid person,
    AssertionAnswer answer) {
  if (const auto problem = find_problem(answer, party, challenge, person))
    co_return Checked(std::unexpect, *problem);
  pg::Params params;
  params.add(person).add_bytes(answer.id);
  const auto found = co_await db.query(queries::auth::find_own_passkey, std::move(params));
  if (!found) co_return fail(pg::to_error(found.error()));
  if (found->empty()) co_return Checked(std::unexpect, WebauthnProblem::credential);
  const auto passkey = found->front();
  const auto assertion =
      check_assertion(answer, party, passkey.public_key, passkey.backup_eligible);
  if (!assertion) co_return Checked(std::unexpect, assertion.error());
  co_return Checked(
      OwnAssertion{.passkey = passkey.id,
                   .public_key = {passkey.public_key.begin(), passkey.public_key.end()},
                   .assertion = *assertion});
}

}  // namespace instapay::auth
