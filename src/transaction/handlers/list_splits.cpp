#include "net/page.h"
#include "transaction/handlers/handlers.h"
#include "transaction/splits.h"

namespace instapay::transaction {

net::Reply list_splits(Service& service, net::Request& request) {
  net::QueryReader query(request);
  const net::Page page = query.page();
  const auto before = query.id_cursor(page);
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const auto rows = co_await service.db.query(
      queries::transaction::list_splits,
      pg::Params().add(request.principal->user_id).add(before).add(page.limit + 1));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto write = [&](JsonWriter& json, int i) {
    json.begin_object();
    write_split(json, (*rows)[i], service.config.currency);
    json.end_object();
  };
  co_return net::page_answer(rows->size(), page, write,
                             [&](int i) { return (*rows)[i].id.to_string(); });
}

}  // namespace instapay::transaction
