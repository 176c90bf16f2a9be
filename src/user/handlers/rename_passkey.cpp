#include "core/limits.h"
#include "user/handlers/handlers.h"
#include "user/passkeys.h"

namespace instapay::user {

net::Reply rename_passkey(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  Fields fields(*body);
  const std::string name =
      fields.text("name", {.max_chars = kPasskeyNameMax_chars, .kind = TextKind::name});
  if (auto error = fields.finish()) co_return fail(std::move(*error));
  pg::Params params;
  params.add(request.principal->user_id).add(*id).add(name);
  const auto rows = co_await service.db.query(queries::user::rename_passkey, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return no_such_passkey();
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  write_passkey(json, rows->front());
  co_return response;
}

}  // namespace instapay::user
