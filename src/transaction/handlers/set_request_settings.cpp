#include "core/fields.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"

namespace instapay::transaction {

net::Reply set_request_settings(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const bool from_anyone = fields.flag("fromAnyone", false);
  const Json* given = body->find("fromAnyone");
  if (given == nullptr || given->kind == Json::Kind::null)
    fields.add_error("fromAnyone", "required", "fromAnyone is required.");
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  const auto done =
      co_await service.db.query(queries::transaction::set_request_settings,
                                pg::Params().add(request.principal->user_id).add(from_anyone));
  if (!done) co_return fail(pg::to_error(done.error()));
  net::Response response{200, "application/json"};
  JsonWriter(response.body).begin_object().field("fromAnyone", from_anyone).end_object();
  co_return response;
}

}  // namespace instapay::transaction
