#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/mails.h"

namespace instapay::user {

// Nobody has to be signed in where the mail is read: who asked for it has shown who they are.
net::Reply confirm_email_change(Service& service, net::Request& request) {
  const auto token = read_link_token(request);
  if (!token) co_return fail(token.error());
  const auto rows = co_await service.db.query(queries::user::confirm_email_change,
                                              pg::Params().add_bytes(*token));
  if (!rows && rows.error().constraint == kEmailConstraint) co_return email_taken();
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto address = rows->front().address;
  if (!address) co_return link_invalid();
  co_return email_answer(*address);
}

}  // namespace instapay::user
