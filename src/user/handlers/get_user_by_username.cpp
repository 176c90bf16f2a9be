#include "core/text.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/lookup.h"
#include "user/rules.h"

namespace instapay::user {

net::Reply get_user_by_username(Service& service, net::Request& request) {
  const auto username = normalize_username(trim_blanks(request.params.front()));
  if (!username) co_return fail(Code::user_not_found, "Nobody has this username.");
  auto rows =
      co_await service.db.query(queries::user::find_user_by_username, pg::Params().add(*username));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "Nobody has this username.");

  const User user = read_found_user(*rows, 0);
  const auto& who = *request.principal;
  co_return co_await lookup_answer(service, who, user, who.is_staff());
}

}  // namespace instapay::user
