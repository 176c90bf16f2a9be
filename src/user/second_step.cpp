#include "user/second_step.h"

#include "core/time.h"
#include "queries.h"

namespace instapay::user {

Task<Result<Challenged>> find_challenged(Service& service, std::string challenge_text) {
  const auto challenge = auth::LoginChallenges::parse(challenge_text);
  if (!challenge) co_return begin_sign_in_again();
  const auto rows =
      co_await service.db.query(queries::user::find_challenged, pg::Params().add(challenge->user));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return begin_sign_in_again();
  Challenged found{read_user(*rows, 0), std::string(rows->text(0, 9))};
  if (!service.challenges.is_good(*challenge, found.password_hash, now_us() / kSecond_us))
    co_return begin_sign_in_again();
  if (found.user.status == ledger::AccountStatus::closed)
    co_return fail(Code::account_closed, "This account is closed.");
  co_return found;
}

std::unexpected<Error> begin_sign_in_again() {
  return fail(Code::challenge_invalid, "This sign-in has expired; begin again with the password.");
}

}  // namespace instapay::user
