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

}  // namespace instapay::transaction
