#include "net/page.h"
#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"
#include "transaction/requests.h"
#include "transaction/seq_cursor.h"

namespace instapay::transaction {

net::Reply list_request_payments(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  net::QueryReader query(request);
  const net::Page page = query.page();
  std::int64_t before = kFirstPage;
  if (!page.cursor.empty() && !read_seq(page.cursor, before)) query.mistake_in_cursor();
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const net::Principal& viewer = *request.principal;
  const auto asked = co_await find_visible_request(service, viewer, *id);
  if (!asked) co_return fail(asked.error());
  if (!asked->is_payee(viewer.user_id) && !viewer.is_staff())
    co_return fail(Code::forbidden, "Only who asks sees who has paid.");
  const auto rows = co_await service.db.query(
      queries::transaction::list_request_payments,
      pg::Params().add(asked->payee.id).add(*id).add(before).add(page.limit + 1));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto write = [&](JsonWriter& json, int i) {
    write_entry(json, *rows, i, asked->payee.id, service.config.currency);
  };
  co_return net::page_answer(rows->size(), page, write,
                             [&](int i) { return std::to_string(rows->int64(i, 10)); });
}

}  // namespace instapay::transaction
