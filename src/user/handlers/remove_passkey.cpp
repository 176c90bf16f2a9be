#include "telemetry/log.h"
#include "user/factor_change.h"
#include "user/handlers/handlers.h"
#include "user/passkeys.h"

namespace instapay::user {

net::Reply remove_passkey(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  if (auto proven = co_await prove_owner(service, request); !proven)
    co_return fail(std::move(proven.error()));
  const net::Principal& who = *request.principal;
  pg::Params params;
  params.add(who.user_id).add(*id).add(service.config.sends_mails());
  const auto rows = co_await service.db.query(queries::user::remove_passkey, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const std::string_view verdict = rows->front().verdict;
  if (verdict == "none") co_return no_such_passkey();
  if (verdict == "last")
    co_return fail(Code::last_factor, "Staff keep a second factor; add another one first.");
  co_await service.revocations.catch_up();
  log::info("passkey removed", {{"user.id", who.user_id.to_string()}});
  co_return net::Response::no_content();
}

}  // namespace instapay::user
