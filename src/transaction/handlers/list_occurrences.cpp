#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/schedules.h"
#include "transaction/seq_cursor.h"

namespace instapay::transaction {

net::Reply list_occurrences(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  net::QueryReader query(request);
  const net::Page page = query.page();
  std::int64_t before = kFirstPage;
  if (!page.cursor.empty() && !read_seq(page.cursor, before)) query.mistake_in_cursor();
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const auto schedule = co_await find_schedule(service, *request.principal, *id);
  if (!schedule) co_return fail(schedule.error());
  const auto rows =
      co_await service.db.query(queries::transaction::list_occurrences,
                                pg::Params().add(*id).add(before).add(page.limit + 1));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto write = [&](JsonWriter& json, int i) {
    write_occurrence(json, read_occurrence((*rows)[i]), service.config.currency);
  };
  co_return net::page_answer(rows->size(), page, write,
                             [&](int i) { return std::to_string((*rows)[i].number); });
}

}  // namespace instapay::transaction
