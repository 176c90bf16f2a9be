#include "core/limits.h"
#include "user/factor_change.h"
#include "user/handlers/handlers.h"
#include "user/passkeys.h"

namespace instapay::user {

net::Reply begin_passkey(Service& service, net::Request& request) {
  if (auto there_are = auth::require_passkeys(service.relying_party); !there_are)
    co_return fail(there_are.error());
  if (auto proven = co_await prove_owner(service, request); !proven)
    co_return fail(std::move(proven.error()));
  const net::Principal& who = *request.principal;
  const auto user = co_await find_user(service.db, who.user_id);
  if (!user) co_return fail(user.error());
  const auto passkeys =
      co_await service.db.query(queries::user::list_passkeys, pg::Params().add(who.user_id));
  if (!passkeys) co_return fail(pg::to_error(passkeys.error()));
  if (passkeys->size() >= kPasskeysPerUserMax) co_return too_many_passkeys();
  co_return registration_options(service,
                                 auth::ChallengePurpose::registration(who.user_id, who.session_id),
                                 {user->id, user->email, user->display_name}, *passkeys);
}

}  // namespace instapay::user
