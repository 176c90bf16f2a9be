#include "transaction/holds.h"

#include "queries.h"
#include "transaction/render.h"

namespace instapay::transaction {
namespace {

Person person_of(const Uuid& id, std::string_view username, std::string_view display_name) {
  return {id, std::string(username), std::string(display_name)};
}

}  // namespace

HeldMoney read_hold(const queries::transaction::FindHoldRow& row) {
  HeldMoney held;
  held.id = row.id;
  held.payer = person_of(row.payer_id, row.payer_username, row.payer_name);
  held.payee = person_of(row.payee_id, row.payee_username, row.payee_name);
  held.hold = {.payer = {row.payer_id},
               .payee = {row.payee_id},
               .amount = {row.amount},
               .captured = {row.captured},
               .expires = {row.expires_at},
               .status = static_cast<ledger::HoldStatus>(row.state)};
  held.captures = row.captures;
  held.note = row.note.value_or("");
  held.created_us = row.created_at;
  held.ended_us = row.ended_at;
  return held;
}

Task<Result<HeldMoney>> find_hold(Service& service, const net::Principal& viewer, Uuid id) {
  const Uuid user = viewer.user_id;
  const bool staff = viewer.is_staff();
  const auto rows =
      co_await service.db.query(queries::transaction::find_hold, pg::Params().add(id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  std::optional<HeldMoney> held;
  if (!rows->empty()) held = read_hold(rows->front());
  if (!held || !(held->is_side(user) || staff))
    co_return fail(Code::hold_not_found, "There is no such hold.");
  co_return *std::move(held);
}

void write_hold(JsonWriter& json, const HeldMoney& held, Currency currency) {
  const ledger::Hold& hold = held.hold;
  json.field("id", held.id);
  json.field("status", kHoldStates[static_cast<std::size_t>(hold.status)]);
  json.key("amount").amount(hold.amount.minor, currency);
  json.key("captured").amount(hold.captured.minor, currency);
  json.key("remaining").amount(hold.left().minor, currency);
  json.field("currency", currency.code).field("captures", std::int64_t{held.captures});
  json.field_or_null("note", held.note).key("payer");
  write_public_user(json, held.payer.id, held.payer.username, held.payer.display_name);
  json.key("payee");
  write_public_user(json, held.payee.id, held.payee.username, held.payee.display_name);
  json.key("createdAt").time(held.created_us).key("expiresAt").time(hold.expires.us);
  json.key("endedAt").time_or_null(held.ended_us);
}

net::Response hold_answer(int status, const HeldMoney& held, Currency currency) {
  net::Response response{status, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_hold(json, held, currency);
  json.end_object();
  return response;
}

}  // namespace instapay::transaction
