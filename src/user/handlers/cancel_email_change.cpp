#include "queries.h"
#include "user/handlers/handlers.h"

namespace instapay::user {

// Nothing to cancel is as good as cancelled.
net::Reply cancel_email_change(Service& service, net::Request& request) {
  const auto done = co_await service.db.query(queries::user::cancel_email_change,
                                              pg::Params().add(request.principal->user_id));
  if (!done) co_return fail(pg::to_error(done.error()));
  co_return net::Response::no_content();
}

}  // namespace instapay::user
