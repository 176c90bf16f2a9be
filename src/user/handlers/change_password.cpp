#include "core/time.h"
#include "queries.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"

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

constexpr std::string_view kPasswordForm = "the form that changes a password";

std::unexpected<Error> wrong_password() {
  return fail(Code::invalid_credentials, "The current password is wrong.");
}

Task<Result<void>> change(Service& service, const net::Principal& who, PasswordChange passwords) {
  auto rows =
      co_await service.db.query(queries::user::find_password_hash, pg::Params().add(who.user_id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  const std::string old_hash(rows->text(0, 0));
  auto right = co_await service.passwords.verify(std::move(passwords.current), old_hash);
  if (!right) co_return fail(std::move(right.error()));
  if (*right == auth::PasswordMatch::none) co_return wrong_password();
  auto new_hash = co_await service.passwords.hash(std::move(passwords.next));
  if (!new_hash) co_return fail(std::move(new_hash.error()));

  pg::Params params;
  params.add(who.user_id).add(old_hash).add(*new_hash).add(who.session_id);
  auto changed = co_await service.db.query(queries::user::change_password, std::move(params));
  if (!changed) co_return fail(pg::to_error(changed.error()));
  if (changed->empty()) co_return wrong_password();  // somebody was faster

  // Logins with the old password that were under way: none can begin any more (create_session.sql).
  auto ended = co_await service.db.query(queries::user::end_sessions,
                                         pg::Params().add(who.user_id).add(who.session_id));
  if (!ended) co_return fail(pg::to_error(ended.error()));
  co_await service.revocations.catch_up();
  co_return Result<void>();
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

  // Who has found an open session may not guess the password without end either. Nobody else can
  // try it here, so strangers with the same address do not count.
  const std::string account = id->to_string();
  const auth::LoginAttempt attempt{
      .account = account, .address = request.address, .device = kPasswordForm};
  const std::int64_t wait_s = service.throttle.begin_attempt(attempt, monotonic_us());
  if (wait_s > 0)
    co_return fail({.code = Code::login_throttled,
                    .detail = "Too many wrong passwords; wait a little.",
                    .retry_after_s = static_cast<int>(wait_s)});
  auto changed = co_await change(service, *request.principal, std::move(*passwords));
  if (changed) {
    service.throttle.succeeded(attempt, monotonic_us());
    co_return net::Response::no_content();
  }
  if (changed.error().code != Code::invalid_credentials)
    service.throttle.abandoned(attempt, monotonic_us());
  co_return fail(std::move(changed.error()));
}

}  // namespace instapay::user
