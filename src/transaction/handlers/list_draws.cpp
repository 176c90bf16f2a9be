#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"

namespace instapay::transaction {

net::Reply list_draws(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  net::QueryReader query(request);
  const net::Page page = query.page();
  const auto before = query.id_cursor(page);
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const auto mandate = co_await find_mandate(service, *request.principal, *id);
  if (!mandate) co_return fail(mandate.error());
  const auto rows = co_await service.db.query(
      queries::transaction::list_draws, pg::Params().add(*id).add(before).add(page.limit + 1));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto write = [&](JsonWriter& json, int i) {
    write_draw(json, (*rows)[i], *request.principal, service.config.currency);
  };
  co_return net::page_answer(rows->size(), page, write,
                             [&](int i) { return (*rows)[i].id.to_string(); });
}

}  // namespace instapay::transaction
