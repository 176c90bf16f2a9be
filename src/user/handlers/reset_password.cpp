#include "auth/opaque_token.h"
#include "core/time.h"
#include "queries.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"
#include "user/mails.h"
#include "user/own_password.h"

namespace instapay::user {

net::Reply reset_password(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const auto token = auth::hash_opaque_token(fields.secret("token"));
  // What a password may be depends on whose it is, so without a good token only its form counts.
  User user;
  if (token && !fields.has_error("token")) {
    const auto rows =
        co_await service.db.query(queries::user::find_reset, pg::Params().add_bytes(*token));
    if (!rows) co_return fail(pg::to_error(rows.error()));
    if (!rows->empty()) {
      user.id = rows->uuid(0, 0);
      user.username = rows->text(0, 1);
      user.email = rows->text(0, 2);
      user.display_name = rows->text(0, 3);
    }
  }
  std::string password = read_new_password(fields, "password", own_words(user));
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  // Before the slow hash.
  if (!token || user.email.empty()) co_return link_invalid();
  auto hash = co_await service.passwords.hash(std::move(password));
  if (!hash) co_return fail(std::move(hash.error()));

  pg::Params params;
  params.add_bytes(*token).add(*hash).add(Uuid::v7(now_us()));
  const auto changed = co_await service.db.query(queries::user::reset_password, std::move(params));
  if (!changed) co_return fail(pg::to_error(changed.error()));
  if (changed->empty()) co_return link_invalid();  // somebody was faster
  if (auto ended = co_await end_sessions_begun_before(service, user.id, std::nullopt); !ended)
    co_return fail(std::move(ended.error()));
  co_return net::Response::no_content();
}

}  // namespace instapay::user
