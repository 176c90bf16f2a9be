#include <algorithm>

#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"

namespace instapay::transaction {

net::Reply list_blocks(Service& service, net::Request& request) {
  net::QueryReader query(request);
  const net::Page page = query.page();
  const auto before = query.id_cursor(page);
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const auto rows = co_await service.db.query(
      queries::transaction::list_blocks,
      pg::Params().add(request.principal->user_id).add(before).add(page.limit + 1));
  if (!rows) co_return fail(pg::to_error(rows.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  const int shown = std::min(rows->size(), page.limit);
  for (int i = 0; i < shown; ++i) {
    json.begin_object().key("user");
    write_public_user(json, rows->uuid(i, 0), rows->text(i, 1), rows->text(i, 2));
    json.key("blockedAt").time(rows->time_us(i, 3)).end_object();
  }
  json.end_array();
  net::write_page_end(json, rows->size() > shown,
                      shown > 0 ? rows->uuid(shown - 1, 0).to_string() : std::string());
  json.end_object();
  co_return response;
}

}  // namespace instapay::transaction
