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
  const auto write = [&](JsonWriter& json, int i) {
    json.begin_object().key("user");
    write_public_user(json, rows->uuid(i, 0), rows->text(i, 1), rows->text(i, 2));
    json.key("blockedAt").time(rows->time_us(i, 3)).end_object();
  };
  co_return net::page_answer(rows->size(), page, write,
                             [&](int i) { return rows->uuid(i, 0).to_string(); });
}

}  // namespace instapay::transaction
