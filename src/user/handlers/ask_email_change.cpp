#include <fmt/format.h>

#include <algorithm>

#include "core/time.h"
#include "queries.h"
#include "user/factor_change.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"
#include "user/mails.h"

namespace instapay::user {
namespace {

// Staff are known to whoever runs the platform by their address, as OPERATOR_EMAIL is.
Task<Result<void>> require_may_change(Service& service, const net::Principal& who) {
  if (who.role != Role::user)
    co_return fail(Code::forbidden, "The address of staff is not changed by themselves.");
  const auto user = co_await find_user(service.db, who.user_id);
  if (!user) co_return fail(user.error());
  if (user->status == ledger::AccountStatus::frozen)
    co_return fail(Code::account_frozen, "A frozen account's address cannot be changed.");
  co_return Result<void>();
}

Task<Error> too_many_changes(Service& service, const Uuid& user) {
  const auto rows =
      co_await service.db.query(queries::user::find_next_email_change, pg::Params().add(user));
  if (!rows) co_return pg::to_error(rows.error());
  const std::int64_t wait_us = rows->empty() ? 0 : rows->front().free_at - now_us();
  co_return Error{
      .code = Code::rate_limited,
      .detail = fmt::format("A change of address can be asked for {} times in {} days.",
                            kEmailChangesMax, kEmailChangePeriod_days),
      .retry_after_s = static_cast<int>(std::max<std::int64_t>(wait_us / kSecond_us, 0)) + 1};
}

}  // namespace

net::Reply ask_email_change(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const std::string email = read_email(fields, "email");
  std::string password = fields.secret("password");
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  if (auto sends = require_mail(service); !sends) co_return fail(std::move(sends.error()));
  const net::Principal& who = *request.principal;
  if (auto may = co_await require_may_change(service, who); !may)
    co_return fail(std::move(may.error()));
  if (auto proven = co_await prove_owner(service, request, std::move(password)); !proven)
    co_return fail(std::move(proven.error()));
  const std::string account = who.user_id.to_string();
  if (auto allowed = throttle_mail(service, {account, request.address, {}}); !allowed)
    co_return fail(std::move(allowed.error()));

  pg::Params params;
  params.add(Uuid::v7(now_us())).add(who.user_id).add(email);
  const auto rows = co_await service.db.query(queries::user::ask_email_change, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const std::string_view verdict = rows->front().verdict;
  if (verdict == "none") co_return fail(Code::user_not_found, "There is no such user.");
  if (verdict == "same")
    co_return fail_field("email", "not_allowed", "This is your address already.");
  if (verdict == "taken") co_return email_taken();
  if (verdict == "limit") co_return fail(co_await too_many_changes(service, who.user_id));
  auto pending = co_await get_email_change(service, request);
  if (pending) pending->status = 202;
  co_return pending;
}

}  // namespace instapay::user
