#include "reporting/action.h"

#include <fmt/format.h>

#include <charconv>

#include "core/time.h"

namespace instapay::reporting {
namespace {

void write_person(JsonWriter& json, const Uuid& id, const std::string& username,
                  const std::string& display_name) {
  json.begin_object().field("id", id).key("username");
  if (username.empty()) {
    json.null().field_or_null("displayName", display_name);  // the command line, a program
  } else {
    json.value(username).field("displayName", display_name);
  }
  json.end_object();
}

// A limit, in minor units, becomes an amount; everything else stays as it is.
void write_value(JsonWriter& json, const Json& value, Currency currency) {
  std::int64_t minor = 0;
  switch (value.kind) {
    case Json::Kind::null:
      json.null();
      break;
    case Json::Kind::boolean:
      json.value(value.boolean);
      break;
    case Json::Kind::number:
      std::from_chars(value.text.data(), value.text.data() + value.text.size(), minor);
      json.amount(minor, currency);
      break;
    case Json::Kind::string:
      json.value(value.text);
      break;
    case Json::Kind::array:
      json.begin_array();
      for (const Json& item : value.items) write_value(json, item, currency);
      json.end_array();
      break;
    case Json::Kind::object:
      json.begin_object();
      for (const JsonMember& member : value.members)
        write_value(json.key(member.name), member.value, currency);
      json.end_object();
      break;
  }
}

std::string change_as_json(const Action& action, Currency currency) {
  std::string text;
  JsonWriter json(text);
  const auto change = parse_json(action.change);
  write_value(json, change.value_or(Json{}), currency);
  return text;
}

}  // namespace

Action read_action(const pg::Rows& rows, int row) {
  Action action;
  action.at_us = rows.time_us(row, 0);
  action.account = rows.uuid(row, 1);
  action.seq = rows.int64(row, 2);
  action.transfer_id = rows.uuid(row, 3);
  action.actor = rows.uuid(row, 4);
  action.kind = static_cast<ledger::EntryKind>(rows.int64(row, 5));
  action.amount_minor = rows.int64(row, 6);
  action.change = rows.text(row, 7);
  action.reason = rows.text(row, 8);
  action.refund_of = rows.uuid(row, 9);
  action.username = rows.text(row, 10);
  action.display_name = rows.text(row, 11);
  action.actor_username = rows.text(row, 12);
  action.actor_display_name = rows.text(row, 13);
  return action;
}

void write_action(JsonWriter& json, const Action& action, Currency currency) {
  json.begin_object().field("id", action.transfer_id).key("at").time(action.at_us);
  write_person(json.key("actor"), action.actor, action.actor_username, action.actor_display_name);
  write_person(json.key("subject"), action.account, action.username, action.display_name);
  json.field("kind", name_of(action.kind)).key("amount");
  if (action.amount_minor == 0) {
    json.null();
  } else {
    json.amount(action.amount_minor, currency);
  }
  json.key("change");
  if (action.change.empty()) {
    json.null();
  } else {
    json.raw(change_as_json(action, currency));
  }
  json.field_or_null("reason", action.reason);
  json.field_or_null("refundOf", action.refund_of == Uuid{} ? "" : action.refund_of.to_string());
  json.end_object();
}

void write_action_titles(CsvWriter& csv) {
  for (const auto* name : {"at", "actorId", "actor", "subjectId", "subject", "kind", "amount",
                           "change", "reason", "id"})
    csv.plain(name);
  csv.end_row();
}

void write_action(CsvWriter& csv, const Action& action, Currency currency) {
  csv.plain(format_time(action.at_us)).plain(action.actor.to_string()).text(action.actor_username);
  csv.plain(action.account.to_string()).text(action.username).plain(name_of(action.kind));
  if (action.amount_minor == 0) {
    csv.plain("");
  } else {
    csv.amount(action.amount_minor, currency);
  }
  csv.text(action.change.empty() ? "" : change_as_json(action, currency)).text(action.reason);
  csv.plain(action.transfer_id.to_string()).end_row();
}

}  // namespace instapay::reporting
