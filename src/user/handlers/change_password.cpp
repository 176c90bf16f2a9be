#include "core/time.h"
#include "queries.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"
#include "user/own_password.h"

namespace instapay::user {
namespace {

struct PasswordChange {
  std::string current, next;
};

Result<PasswordChange> read_change(const Json& body, const User& user) {
  Fields fields(body);
  PasswordChange change;
  change.current = fields.secret("currentPassword");
  change.next = read_new_password(fields, "newPassword", own_words(user));
  if (auto error = fields.finish()) return fail(std::move(*error));
  return change;
}

Task<Result<void>> change(Service& service, const net::Request& request, PasswordChange passwords) {
  const net::Principal& who = *request.principal;
  const auto old_hash =
      co_await verify_own_password(service, request, std::move(passwords.current));
  if (!old_hash) co_return fail(old_hash.error());
  auto new_hash = co_await service.passwords.hash(std::move(passwords.next));
  if (!new_hash) co_return fail(std::move(new_hash.error()));

  pg::Params params;
  params.add(who.user_id).add(*old_hash).add(*new_hash).add(who.session_id);
  params.add(service.config.sends_mails()).add(Uuid::v7(now_us()));
  auto changed = co_await service.db.query(queries::user::change_password, std::move(params));
  if (!changed) co_return fail(pg::to_error(changed.error()));
  if (changed->empty()) co_return wrong_own_password();  // somebody was faster

  co_return co_await end_sessions_begun_before(service, who.user_id, who.session_id);
}

}  // namespace

net::Reply change_password(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  if (*id != request.principal->user_id)
    co_return fail(Code::forbidden, "A password is changed by its owner only.");
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  const auto user = co_await find_user(service.db, *id);
  if (!user) co_return fail(user.error());
  auto passwords = read_change(*body, *user);
  if (!passwords) co_return fail(std::move(passwords.error()));
  if (auto proven = require_step_up(request.principal->factors, now_us() / kSecond_us); !proven)
    co_return fail(std::move(proven.error()));
  auto changed = co_await change(service, request, std::move(*passwords));
  if (!changed) co_return fail(std::move(changed.error()));
  co_return net::Response::no_content();
}

}  // namespace instapay::user
