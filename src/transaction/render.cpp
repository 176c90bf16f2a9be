#include "transaction/render.h"

#include "ledger/domain/payable.h"

namespace instapay::transaction {

void write_transaction(JsonWriter& json, const ledger::Transfer& t, Currency currency) {
  json.field("id", t.id).field("senderId", t.payer.uuid).field("receiverId", t.payee.uuid);
  json.key("amount").amount(t.amount.minor, currency);
  json.field("currency", currency.code).field("kind", name_of(t.kind));
  json.field("status", "completed");
  json.field_or_null("note", t.note);
  if (t.refund_of != Uuid{}) json.field("refundOf", t.refund_of);
  if (t.kind == ledger::EntryKind::capture) {
    json.field("holdId", t.reference);
  } else if (ledger::is_request(t.reference)) {
    json.field("requestId", t.reference);
  } else if (ledger::is_draw(t.reference)) {
    json.field("drawId", t.reference);
  }
  json.key("createdAt").time(t.created.us);
}

namespace {

// What was given back of a transfer so far, and what still may be. Of other kinds nothing may.
void write_refunds(JsonWriter& json, const ledger::Transfer& t, std::int64_t refunded,
                   Currency currency) {
  const bool can_be = ledger::is_payment(t.kind);
  json.key("refunded").amount(refunded, currency);
  json.key("refundable").amount(can_be ? t.amount.minor - refunded : 0, currency);
}

net::Response created(const ledger::Transfer& transfer, Currency currency, bool with_balance) {
  net::Response response{201, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_transaction(json, transfer, currency);
  if (with_balance) json.key("balance").amount(transfer.payer_side.balance.minor, currency);
  json.end_object();
  response.header("Location", "/api/transactions/" + transfer.id.to_string());
  if (transfer.replayed) response.header("Idempotent-Replayed", "true");
  return response;
}

}  // namespace

net::Response created(const ledger::Transfer& transfer, Currency currency) {
  return created(transfer, currency, true);
}

net::Response created_by_payee(const ledger::Transfer& transfer, Currency currency) {
  return created(transfer, currency, false);
}

void write_public_user(JsonWriter& json, const Uuid& id, std::string_view username,
                       std::string_view display_name) {
  if (username.empty()) {
    json.null();
    return;
  }
  json.begin_object().field("id", id).field("username", username);
  json.field("displayName", display_name).end_object();
}

bool is_side(const pg::Rows& rows, const Uuid& account) {
  return rows.uuid(0, 1) == account || rows.uuid(0, 2) == account;
}

void write_detail(JsonWriter& json, const pg::Rows& rows, int row, Currency currency) {
  const std::int64_t signed_amount = rows.int64(row, 3);
  const bool sent = signed_amount < 0;
  ledger::Transfer transfer;
  transfer.id = rows.uuid(row, 0);
  transfer.payer = {rows.uuid(row, sent ? 1 : 2)};
  transfer.payee = {rows.uuid(row, sent ? 2 : 1)};
  transfer.amount = {sent ? -signed_amount : signed_amount};
  transfer.kind = static_cast<ledger::EntryKind>(rows.int64(row, 4));
  transfer.note = rows.text(row, 5);
  transfer.created = {rows.time_us(row, 6)};
  transfer.refund_of = rows.uuid(row, 7);
  transfer.reference = rows.uuid(row, 13);
  json.begin_object();
  write_transaction(json, transfer, currency);
  write_refunds(json, transfer, rows.int64(row, 12), currency);
  const int payer = sent ? 8 : 10, payee = sent ? 10 : 8;
  json.key("sender");
  write_public_user(json, transfer.payer.uuid, rows.text(row, payer), rows.text(row, payer + 1));
  json.key("receiver");
  write_public_user(json, transfer.payee.uuid, rows.text(row, payee), rows.text(row, payee + 1));
  json.end_object();
}

void write_entry(JsonWriter& json, const pg::Rows& rows, int i, const Uuid& account,
                 Currency currency) {
  const std::int64_t amount = rows.int64(i, 2);
  const Uuid other = rows.uuid(i, 1);
  ledger::Transfer transfer;
  transfer.id = rows.uuid(i, 0);
  transfer.payer = {amount < 0 ? account : other};
  transfer.payee = {amount < 0 ? other : account};
  transfer.amount = {amount < 0 ? -amount : amount};
  transfer.kind = static_cast<ledger::EntryKind>(rows.int64(i, 4));
  transfer.note = rows.text(i, 5);
  transfer.created = {rows.time_us(i, 6)};
  transfer.refund_of = rows.uuid(i, 7);
  transfer.reference = rows.uuid(i, 12);
  json.begin_object();
  write_transaction(json, transfer, currency);
  write_refunds(json, transfer, rows.int64(i, 11), currency);
  json.field("direction", amount < 0 ? "out" : "in");
  json.key("balanceAfter").amount(rows.int64(i, 3), currency);
  json.key("counterparty");
  write_public_user(json, other, rows.text(i, 8), rows.text(i, 9));
  json.end_object();
}

}  // namespace instapay::transaction
