#include "transaction/handlers/handlers.h"
#include "transaction/notices.h"
#include "transaction/seq_cursor.h"

namespace instapay::transaction {

net::Reply list_notifications(Service& service, net::Request& request) {
  net::QueryReader query(request);
  const net::Page page = query.page();
  StreamCursor from{kFirstPage, kFirstPage, kFirstPage};
  if (!page.cursor.empty()) {
    const auto followed = StreamCursor::parse(page.cursor);
    if (!followed) query.mistake_in_cursor();
    from = followed.value_or(from);
  }
  if (auto error = query.finish()) co_return fail(std::move(*error));
  const Uuid user = request.principal->user_id;
  // What is counted first is shown by the list, and perhaps what came since.
  const auto unread = co_await count_unread(service, user);
  if (!unread) co_return fail(unread.error());
  pg::Params params;
  params.add(user).add(from.entry).add(from.xid).add(from.event);
  params.add(page.limit + 1).add(kNoticesWalked);
  const auto rows =
      co_await service.db.query(queries::transaction::list_notices, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  NoticePage notices(*rows, from);
  for (int shown = 0; shown < page.limit; ++shown) {
    const NoticeRow* const row = notices.next();
    if (row == nullptr) break;
    write_notice(json, *row, service.config.currency);
  }
  json.end_array();
  net::write_page_end(json, notices.has_more(), notices.place().to_id());
  json.field("unread", unread->count).field("upTo", unread->newest.to_id()).end_object();
  co_return response;
}

}  // namespace instapay::transaction
