#include "auth/opaque_token.h"
#include "ledger/store/durable.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/session_answer.h"

namespace instapay::user {

net::Reply logout_user(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const std::string token = read_refresh_token(request, fields);
  if (auto error = fields.finish()) co_return fail(std::move(*error));

  // A token that is not known, or not known any more, is no error: the session is not there.
  if (const auto hash = auth::hash_opaque_token(token)) {
    const auto rows = co_await service.db.query(queries::user::end_session_of_token,
                                                pg::Params().add_bytes(*hash));
    if (!rows) co_return fail(pg::to_error(rows.error()));
    if (!rows->empty()) {
      const bool ended_now = rows->boolean(0, 0);
      if (!ended_now)
        if (auto durable = co_await ledger::until_durable(service.db); !durable)
          co_return fail(std::move(durable.error()));
      co_await service.revocations.catch_up();
    }
  }
  net::Response response = net::Response::no_content();
  clear_cookie(request, response);
  co_return response;
}

}  // namespace instapay::user
