#include "transaction/splits.h"

#include "transaction/split_amounts.h"

namespace instapay::transaction {
namespace {

using queries::transaction::FindSplitRow;

// What has become of the requests by what they say themselves: the row was read a moment before.
void count_again(FindSplitRow& row, const std::vector<SplitPerson>& people) {
  row.open = row.paid = row.declined = row.cancelled = row.expired = 0;
  row.received = row.refunded = 0;
  for (const auto& [asked, shares] : people) {
    row.open += static_cast<int>(asked.state == RequestState::open);
    row.declined += static_cast<int>(asked.state == RequestState::declined);
    row.cancelled += static_cast<int>(asked.state == RequestState::cancelled);
    row.expired += static_cast<int>(asked.state == RequestState::expired);
    if (asked.state != RequestState::paid) continue;
    ++row.paid;
    row.received += asked.amount_minor.value_or(0);
    row.refunded += asked.refunded_minor;
  }
}

void write_part(JsonWriter& json, const FindSplitRow& row, std::int64_t amount,
                std::optional<std::int64_t> shares) {
  json.key("shares");
  if (shares) {
    json.value(*shares);
  } else {
    json.null();
  }
  json.field("extra",
             shares && row.all_shares && has_extra(amount, row.total, *shares, *row.all_shares));
}

}  // namespace

Task<Result<Split>> find_split(Service& service, net::Principal viewer, Uuid id) {
  Split split;
  auto found = co_await service.db.query(queries::transaction::find_split, pg::Params().add(id));
  if (!found) co_return fail(pg::to_error(found.error()));
  if (found->empty() || (found->front().user_id != viewer.user_id && !viewer.is_staff()))
    co_return fail(Code::split_not_found, "There is no such split.");
  split.rows = std::move(*found);
  const auto people =
      co_await service.db.query(queries::transaction::list_split_requests, pg::Params().add(id));
  if (!people) co_return fail(pg::to_error(people.error()));
  for (int i = 0; i < people->size(); ++i)
    split.people.push_back({read_request(*people, i), people->optional_int64(i, 20)});
  co_return split;
}

void write_split(JsonWriter& json, const FindSplitRow& row, Currency currency) {
  json.field("id", row.id).field("mode", kSplitModes[row.mode]);
  json.key("amount").amount(row.total, currency).field("currency", currency.code);
  json.field_or_null("note", row.note.value_or(""));
  json.field_or_null("payment", row.payment_id ? row.payment_id->to_string() : "");
  json.key("createdAt").time(row.created_at);
  json.key("expiresAt").time_or_null(row.expires_at);
  json.key("own");
  if (row.own_amount) {
    json.begin_object().key("amount").amount(*row.own_amount, currency);
    write_part(json, row, *row.own_amount, row.own_shares);
    json.end_object();
  } else {
    json.null();
  }
  json.key("counts").begin_object().field("open", row.open).field("paid", row.paid);
  json.field("declined", row.declined).field("cancelled", row.cancelled);
  json.field("expired", row.expired).end_object();
  json.key("payments").begin_object().field("count", row.paid);
  json.key("amount").amount(row.received, currency);
  json.key("refunded").amount(row.refunded, currency).end_object();
}

net::Response split_answer(int status, const Split& split, const net::Principal& viewer,
                           Currency currency) {
  FindSplitRow row = split.rows.front();
  count_again(row, split.people);
  net::Response response{status, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_split(json, row, currency);
  json.key("people").begin_array();
  for (const auto& [asked, shares] : split.people) {
    json.begin_object();
    write_part(json, row, asked.amount_minor.value_or(0), shares);
    json.key("request").begin_object();
    write_request(json, asked, viewer, currency);
    json.end_object().end_object();
  }
  json.end_array().end_object();
  return response;
}

}  // namespace instapay::transaction
