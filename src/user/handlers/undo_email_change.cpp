#include "queries.h"
#include "telemetry/log.h"
#include "user/handlers/handlers.h"
#include "user/mails.h"

namespace instapay::user {

net::Reply undo_email_change(Service& service, net::Request& request) {
  const auto token = read_link_token(request);
  if (!token) co_return fail(token.error());
  const auto rows =
      co_await service.db.query(queries::user::undo_email_change, pg::Params().add_bytes(*token));
  if (!rows && rows.error().constraint == kEmailConstraint) co_return email_taken();
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return link_invalid();
  co_await service.revocations.catch_up();
  log::warn("change of address undone", {{"user.id", rows->front().user_id.to_string()}});
  co_return email_answer(rows->front().address);
}

}  // namespace instapay::user
