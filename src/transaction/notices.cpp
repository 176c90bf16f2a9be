#include "transaction/notices.h"

#include "transaction/render.h"

namespace instapay::transaction {
namespace {

void write_id_or_null(JsonWriter& json, std::string_view name, const std::optional<Uuid>& id) {
  json.key(name);
  id ? json.value(*id) : json.null();
}

}  // namespace

void write_notice(JsonWriter& json, const NoticeRow& row, Currency currency) {
  const StreamCursor place{row.entry, row.xid, row.event_id};
  json.begin_object().field("id", place.to_id()).field("kind", *row.kind);
  json.key("happenedAt").time(row.happened_at);
  json.field("unread", row.is_unread);
  json.key("amount").amount_or_null(row.amount, currency);
  json.field("currency", currency.code);
  json.key("person");
  if (row.person_id)
    write_public_user(json, *row.person_id, *row.username, *row.display_name);
  else
    json.null();
  json.field_or_null("note", row.note.value_or(""));
  json.field_or_null("details", row.details.value_or(""));
  write_id_or_null(json, "transactionId", row.transfer_id);
  write_id_or_null(json, "requestId", row.request_id);
  write_id_or_null(json, "holdId", row.hold_id);
  write_id_or_null(json, "scheduleId", row.schedule_id);
  write_id_or_null(json, "mandateId", row.mandate_id);
  json.end_object();
}

NoticePage::NoticePage(const pg::TypedRows<NoticeRow>& rows, StreamCursor from)
    : rows_(rows), place_(from) {
  while (entries_ < rows_.size() && !rows_[entries_].is_event) ++entries_;
  event_ = entries_;
}

const NoticeRow* NoticePage::next() {
  if (!has_more()) return nullptr;
  const bool takes_event =
      entry_ == entries_ ||
      (event_ < rows_.size() && rows_[event_].happened_at > rows_[entry_].happened_at);
  int& at = takes_event ? event_ : entry_;
  row_ = rows_[at];
  if (takes_event) {
    place_.xid = row_.xid;
    place_.event = row_.event_id;
  } else {
    place_.entry = row_.entry;
  }
  if (row_.is_end) return nullptr;  // stays the next one: there may be more
  ++at;
  return &row_;
}

Task<Result<Unread>> count_unread(Service& service, Uuid user) {
  pg::Params params;
  params.add(user).add(kNoticesWalked).add(kUnreadMax);
  const auto rows =
      co_await service.db.query(queries::transaction::count_notices, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto row = rows->front();
  co_return Unread{row.unread, {row.entry, row.xid, row.event_id}};
}

Task<Result<std::string>> notice_at(Service& service, Uuid user, StreamCursor at) {
  pg::Params params;
  params.add(user).add(std::int64_t{0}).add(at.xid).add(at.event + 1);
  params.add(std::int32_t{1}).add(std::int32_t{1});
  const auto rows =
      co_await service.db.query(queries::transaction::list_notices, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  std::string data;
  if (rows->empty() || rows->front().is_end) co_return data;
  JsonWriter json(data);
  write_notice(json, rows->front(), service.config.currency);
  co_return data;
}

}  // namespace instapay::transaction
