#include "core/fields.h"
#include "transaction/handlers/handlers.h"
#include "transaction/notices.h"

namespace instapay::transaction {

net::Reply mark_notifications_read(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const auto up_to = StreamCursor::parse(fields.text("upTo", {.max_chars = 64}));
  const auto add_error = [&fields] {
    fields.add_error("upTo", "invalid_format", "upTo must come from the list of notifications.");
  };
  if (!up_to && !fields.has_error("upTo")) add_error();
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  const Uuid user = request.principal->user_id;
  pg::Params params;
  params.add(user).add(up_to->entry).add(up_to->xid).add(up_to->event);
  const auto marked =
      co_await service.db.query(queries::transaction::mark_notices_read, std::move(params));
  if (!marked) co_return fail(pg::to_error(marked.error()));
  if (marked->empty()) {
    add_error();
    co_return fail(*fields.finish());
  }
  const auto unread = co_await count_unread(service, user);
  if (!unread) co_return fail(unread.error());
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("unread", unread->count).end_object();
  co_return response;
}

}  // namespace instapay::transaction
