#include "queries.h"
#include "transaction/handlers/handlers.h"

namespace instapay::transaction {

net::Reply get_request_settings(Service& service, net::Request& request) {
  const auto rows = co_await service.db.query(queries::transaction::find_request_settings,
                                              pg::Params().add(request.principal->user_id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const bool from_anyone = !rows->empty() && rows->boolean(0, 0);
  net::Response response{200, "application/json"};
  JsonWriter(response.body).begin_object().field("fromAnyone", from_anyone).end_object();
  co_return response;
}

}  // namespace instapay::transaction
