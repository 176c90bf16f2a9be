#include "core/text.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/lookup.h"
#include "user/rules.h"

namespace instapay::user {

net::Reply get_user_by_email(Service& service, net::Request& request) {
  const auto email = normalize_email(trim_blanks(request.params.front()));
  if (!email) co_return fail(Code::user_not_found, "Nobody here has this e-mail address.");
  auto rows =
      co_await service.db.query(queries::user::find_user_by_email, pg::Params().add(*email));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "Nobody here has this e-mail address.");

  const User user = read_found_user(*rows, 0);
  const auto& who = *request.principal;
  co_return co_await lookup_answer(service, who, user, who.is_staff());
}

}  // namespace instapay::user
