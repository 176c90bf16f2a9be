#include "transaction/render.h"

namespace instapay::transaction {

void write_transaction(JsonWriter& json, const ledger::Transfer& t, Currency currency) {
  json.field("id", t.id).field("senderId", t.payer).field("receiverId", t.payee);
  json.key("amount").amount(t.amount_minor, currency);
  json.field("currency", currency.code).field("kind", name_of(t.kind));
  json.field("status", "completed");
  json.key("note");
  if (t.note.empty()) {
    json.null();
  } else {
    json.value(t.note);
  }
  if (t.refund_of != Uuid{}) json.field("refundOf", t.refund_of);
  json.key("createdAt").time(t.created_us);
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

void write_detail(JsonWriter& json, const pg::Rows& rows, int row, Currency currency) {
  const std::int64_t signed_amount = rows.int64(row, 3);
  const bool sent = signed_amount < 0;
  ledger::Transfer transfer;
  transfer.id = rows.uuid(row, 0);
  transfer.payer = rows.uuid(row, sent ? 1 : 2);
  transfer.payee = rows.uuid(row, sent ? 2 : 1);
  transfer.amount_minor = sent ? -signed_amount : signed_amount;
  transfer.kind = static_cast<ledger::TransferKind>(rows.int64(row, 4));
  transfer.note = rows.text(row, 5);
  transfer.created_us = rows.time_us(row, 6);
  transfer.refund_of = rows.uuid(row, 7);
  json.begin_object();
  write_transaction(json, transfer, currency);
  const int payer = sent ? 8 : 10, payee = sent ? 10 : 8;
  json.key("sender");
  write_public_user(json, transfer.payer, rows.text(row, payer), rows.text(row, payer + 1));
  json.key("receiver");
  write_public_user(json, transfer.payee, rows.text(row, payee), rows.text(row, payee + 1));
  json.end_object();
}

}  // namespace instapay::transaction
