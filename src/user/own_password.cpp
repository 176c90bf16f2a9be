#include "user/own_password.h"

#include "core/time.h"
#include "queries.h"

namespace instapay::user {
namespace {

// Nobody else can try it here, so strangers with the same address do not count.
constexpr std::string_view kPasswordForm = "the form that asks for one's own password";

Task<Result<std::string>> verify(Service& service, const Uuid& user, std::string password) {
  auto rows = co_await service.db.query(queries::user::find_password_hash, pg::Params().add(user));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  std::string hash(rows->text(0, 0));
  auto right = co_await service.passwords.verify(std::move(password), hash);
  if (!right) co_return fail(std::move(right.error()));
  if (*right == auth::PasswordMatch::none) co_return wrong_own_password();
  co_return hash;
}

}  // namespace

Task<Result<std::string>> verify_own_password(Service& service, const net::Request& request,
                                              std::string password) {
  const std::string account = request.principal->user_id.to_string();
  const auth::LoginAttempt attempt{
      .account = account, .address = request.address, .device = kPasswordForm};
  const std::int64_t wait_s = service.throttle.begin_attempt(attempt, monotonic_us());
  if (wait_s > 0)
    co_return fail({.code = Code::login_throttled,
                    .detail = "Too many wrong passwords; wait a little.",
                    .retry_after_s = static_cast<int>(wait_s)});
  auto hash = co_await verify(service, request.principal->user_id, std::move(password));
  if (hash) {
    service.throttle.succeeded(attempt, monotonic_us());
  } else if (hash.error().code != Code::invalid_credentials) {
    service.throttle.abandoned(attempt, monotonic_us());
  }
  co_return hash;
}

std::unexpected<Error> wrong_own_password() {
  return fail(Code::invalid_credentials, "The current password is wrong.");
}

Task<Result<void>> end_sessions_begun_before(Service& service, Uuid user,
                                             std::optional<Uuid> keep) {
  const auto ended =
      co_await service.db.query(queries::user::end_sessions, pg::Params().add(user).add(keep));
  if (!ended) co_return fail(pg::to_error(ended.error()));
  co_await service.revocations.catch_up();
  co_return Result<void>();
}

}  // namespace instapay::user
