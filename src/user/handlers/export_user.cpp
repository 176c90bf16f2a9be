#include <fmt/format.h>

#include "core/csv.h"
#include "core/limits.h"
#include "core/time.h"
#include "ledger/domain/transfer.h"
#include "net/page.h"
#include "queries.h"
#include "telemetry/log.h"
#include "transaction/authorization.h"
#include "transaction/holds.h"
#include "transaction/mandates.h"
#include "transaction/requests.h"
#include "transaction/schedules.h"
#include "transaction/splits.h"
#include "user/handlers/handlers.h"
#include "user/notice_settings.h"
#include "user/passkeys.h"
#include "user/pins.h"
#include "user/push_subscriptions.h"
#include "user/service_accounts.h"
#include "user/sessions.h"

namespace instapay::user {
namespace {

// A row of export_entries.sql.
struct ExportedEntry {
  const pg::Rows& rows;
  int row;

  std::int64_t seq() const { return rows.int64(row, 0); }
  std::string_view kind() const {
    return name_of(static_cast<ledger::EntryKind>(rows.int64(row, 3)));
  }
  std::string_view text(int column) const { return rows.text(row, column); }
  std::string id(int column) const {
    return rows.is_null(row, column) ? "" : rows.uuid(row, column).to_string();
  }
};

void write_json(std::string& out, const ExportedEntry& entry, Currency currency) {
  JsonWriter json(out);
  json.begin_object().field("seq", entry.seq()).field("transactionId", entry.id(1));
  json.key("createdAt").time(entry.rows.time_us(entry.row, 2));
  json.field("kind", entry.kind());
  json.key("amount").amount(entry.rows.int64(entry.row, 4), currency);
  json.key("balanceAfter").amount(entry.rows.int64(entry.row, 5), currency);
  json.field("counterpartyId", entry.id(6));
  json.field_or_null("counterparty", entry.text(7));
  json.field_or_null("note", entry.text(8));
  json.field_or_null("refundOf", entry.id(9));
  json.end_object();
}

void write_csv(std::string& out, const ExportedEntry& entry, Currency currency) {
  CsvWriter csv(out);
  csv.number(entry.seq()).plain(entry.id(1)).plain(format_time(entry.rows.time_us(entry.row, 2)));
  csv.plain(entry.kind()).amount(entry.rows.int64(entry.row, 4), currency);
  csv.amount(entry.rows.int64(entry.row, 5), currency).plain(entry.id(6)).text(entry.text(7));
  csv.text(entry.text(8)).plain(entry.id(9)).end_row();
}

std::string beginning(const User& user, bool csv, Currency currency) {
  std::string out;
  if (csv) {
    CsvWriter titles(out);
    for (const auto* name : {"seq", "transactionId", "createdAt", "kind", "amount", "balanceAfter",
                             "counterpartyId", "counterparty", "note", "refundOf"})
      titles.plain(name);
    titles.end_row();
    return out;
  }
  out = "{\"profile\":";
  JsonWriter json(out);
  write_user(json, user, currency);
  return out + ",\"entries\":[";
}

// A list of the export, page by page: the statement is asked for what follows an id, and
// `write(json, rows, i)` writes a row and tells its id. False: nobody reads on.
Task<bool> write_list(Service& service, net::BodyWriter& out, const User& user,
                      std::string_view name, pg::Statement statement, auto write) {
  std::string text = fmt::format(R"(,"{}":[)", name);
  Uuid last;
  for (bool first = true;;) {
    const auto rows = co_await service.db.query(statement, pg::Params().add(user.id).add(last));
    if (!rows) throw std::runtime_error("export: " + rows.error().message);
    for (int i = 0; i < rows->size(); ++i) {
      text += std::exchange(first, false) ? "" : ",";
      JsonWriter json(text);
      last = write(json, *rows, i);
    }
    if (rows->empty()) break;
    if (!co_await out.write(std::exchange(text, {}))) co_return false;
  }
  co_return co_await out.write(text + "]");
}

// The payment requests that the user made or was asked by and what they have split, what the user
// has planned to pay, what others may draw or the user from others and what was drawn, what is set
// aside by or for them, and the programs that use the wallet, or did.
Task<bool> write_lists(Service& service, net::BodyWriter& out, const User& user) {
  const Currency currency = service.config.currency;
  const auto request = [self = net::Principal{.user_id = user.id}, currency](
                           JsonWriter& json, const pg::Rows& rows, int i) {
    const transaction::AskedPayment asked = transaction::read_request(rows, i);
    json.begin_object();
    transaction::write_request(json, asked, self, currency);
    json.end_object();
    return asked.id;
  };
  const auto split = [currency](JsonWriter& json, const pg::Rows& rows, int i) {
    const auto row = queries::transaction::FindSplitRow::read(rows, i);
    json.begin_object();
    transaction::write_split(json, row, currency);
    json.end_object();
    return row.id;
  };
  const auto schedule = [currency](JsonWriter& json, const pg::Rows& rows, int i) {
    const auto row = queries::transaction::FindScheduleRow::read(rows, i);
    json.begin_object();
    transaction::write_schedule(json, transaction::read_schedule(row), currency);
    json.end_object();
    return row.id;
  };
  const auto hold = [currency](JsonWriter& json, const pg::Rows& rows, int i) {
    const auto row = queries::transaction::FindHoldRow::read(rows, i);
    json.begin_object();
    transaction::write_hold(json, transaction::read_hold(row), currency);
    json.end_object();
    return row.id;
  };
  const auto mandate = [currency](JsonWriter& json, const pg::Rows& rows, int i) {
    const auto row = queries::transaction::FindMandateRow::read(rows, i);
    json.begin_object();
    transaction::write_mandate(json, transaction::read_mandate(row), currency);
    json.end_object();
    return row.id;
  };
  const auto draw = [self = net::Principal{.user_id = user.id}, currency](
                        JsonWriter& json, const pg::Rows& rows, int i) {
    const auto row = queries::transaction::FindDrawRow::read(rows, i);
    transaction::write_draw(json, row, self, currency);
    return row.id;
  };
  const auto program = [currency](JsonWriter& json, const pg::Rows& rows, int i) {
    const auto row = queries::user::ListServiceAccountsRow::read(rows, i);
    write_service_account(json, row, currency);
    return row.id;
  };
  using queries::user::export_requests, queries::user::export_splits,
      queries::user::export_schedules, queries::user::export_holds, queries::user::export_mandates,
      queries::user::export_draws, queries::user::export_service_accounts;
  co_return co_await write_list(service, out, user, "requests", export_requests, request) &&
      co_await write_list(service, out, user, "splits", export_splits, split) &&
      co_await write_list(service, out, user, "schedules", export_schedules, schedule) &&
      co_await write_list(service, out, user, "mandates", export_mandates, mandate) &&
      co_await write_list(service, out, user, "draws", export_draws, draw) &&
      co_await write_list(service, out, user, "holds", export_holds, hold) &&
      co_await write_list(service, out, user, "serviceAccounts", export_service_accounts, program);
}

// What was done to the account, as long as that is kept, and what the user wants mails of.
Task<bool> write_notices(Service& service, net::BodyWriter& out, const User& user) {
  const auto settings =
      co_await service.db.query(queries::user::find_notice_settings, pg::Params().add(user.id));
  if (!settings) throw std::runtime_error("export: " + settings.error().message);
  std::string text = R"(,"notices":)";
  JsonWriter json(text);
  json.begin_object();
  write_notice_settings(json, settings->empty() ? default_notice_settings() : settings->front(),
                        service.config);
  json.key("events").begin_array();
  for (std::int64_t last = 0;;) {
    const auto rows = co_await service.db.query(queries::user::export_events,
                                                pg::Params().add(user.id).add(last));
    if (!rows) throw std::runtime_error("export: " + rows.error().message);
    for (const auto& row : *rows) {
      last = row.id;
      json.begin_object().field("kind", row.kind);
      json.key("happenedAt").time(row.happened_at);
      json.field_or_null("details", row.details).end_object();
    }
    if (rows->empty()) break;
    if (!co_await out.write(std::exchange(text, {}))) co_return false;
  }
  json.end_array().end_object();
  co_return co_await out.write(text);
}

// What the user's passkeys have signed of their payments; bytes are base64url.
Task<bool> write_signed_payments(Service& service, net::BodyWriter& out, const User& user) {
  std::string text = R"(,"signedPayments":)";
  JsonWriter json(text);
  json.begin_array();
  for (std::string last;;) {
    pg::Params params;
    params.add(user.id).add_bytes(last);
    const auto rows =
        co_await service.db.query(queries::user::export_authorizations, std::move(params));
    if (!rows) throw std::runtime_error("export: " + rows.error().message);
    for (const auto& row : *rows) {
      last.assign(row.hash.begin(), row.hash.end());
      json.begin_object().field("hash", to_hex(row.hash));
      json.key("createdAt").time(row.created_at);
      transaction::write_authorization(json, transaction::read_authorization(row));
      json.end_object();
    }
    if (rows->empty()) break;
    if (!co_await out.write(std::exchange(text, {}))) co_return false;
  }
  json.end_array();
  co_return co_await out.write(text);
}

// What they have signed of proposals as one of the staff.
Task<bool> write_signed_proposals(Service& service, net::BodyWriter& out, const User& user) {
  std::string text = R"(,"signedProposals":)";
  JsonWriter json(text);
  json.begin_array();
  for (std::string last;;) {
    pg::Params params;
    params.add(user.id).add_bytes(last);
    const auto rows =
        co_await service.db.query(queries::user::export_signatures, std::move(params));
    if (!rows) throw std::runtime_error("export: " + rows.error().message);
    for (const auto& row : *rows) {
      last.assign(row.hash.begin(), row.hash.end());
      json.begin_object().field("hash", to_hex(row.hash)).field("approvalId", row.approval_id);
      json.field("decision", row.decision).key("createdAt").time(row.created_at);
      transaction::write_authorization(json, transaction::read_authorization(row));
      json.end_object();
    }
    if (rows->empty()) break;
    if (!co_await out.write(std::exchange(text, {}))) co_return false;
  }
  json.end_array();
  co_return co_await out.write(text);
}

// How the user has set the account up, and where they are signed in.
Task<bool> write_sign_in(Service& service, net::BodyWriter& out, const User& user) {
  const auto settings =
      co_await service.db.query(queries::user::export_settings, pg::Params().add(user.id));
  if (!settings) throw std::runtime_error("export: " + settings.error().message);
  const auto sessions = co_await service.db.query(
      queries::user::list_sessions, std::move(pg::Params().add(user.id).add(kSessionsPerUserMax)));
  if (!sessions) throw std::runtime_error("export: " + sessions.error().message);
  std::string text = R"(,"settings":)";
  JsonWriter json(text);
  const Currency currency = service.config.currency;
  json.begin_object();
  for (const auto& row : *settings) {
    json.field_or_null("language", row.language.value_or(""));
    json.key("stepUpAbove");
    if (row.step_up_above) {
      json.amount(*row.step_up_above, currency);
    } else {
      json.null();
    }
    json.field("stepUpNewPayees", row.step_up_new_payees);
    json.key("pinPerPayment").amount_or_null(row.pin_per_payment, currency);
    json.key("pinPerDay").amount_or_null(row.pin_per_day, currency);
  }
  json.end_object();
  const auto browsers = co_await service.db.query(queries::user::list_push_subscriptions,
                                                  pg::Params().add(user.id).add(kPushDevicesMax));
  if (!browsers) throw std::runtime_error("export: " + browsers.error().message);
  text += R"(,"pushSubscriptions":)";
  JsonWriter told(text);
  told.begin_array();
  for (const auto& row : *browsers) write_push_subscription(told, row, Uuid());
  told.end_array();
  text += R"(,"sessions":)";
  JsonWriter list(text);
  list.begin_array();
  for (const auto& row : *sessions) write_session(list, row, false);
  list.end_array();
  co_return co_await out.write(text);
}

// The user's passkeys, by the names they gave them, on which devices there is a PIN, and the end of
// the object.
Task<void> write_passkeys(Service& service, net::BodyWriter& out, const User& user) {
  const auto rows =
      co_await service.db.query(queries::user::list_passkeys, pg::Params().add(user.id));
  if (!rows) throw std::runtime_error("export: " + rows.error().message);
  std::string text = R"(,"passkeys":)";
  JsonWriter json(text);
  json.begin_array();
  for (const auto& row : *rows) write_passkey(json, row);
  json.end_array();
  const auto pins = co_await find_pins(service, user.id);
  if (!pins) throw std::runtime_error("export: " + pins.error().detail);
  text += R"(,"pins":)";
  JsonWriter list(text);
  list.begin_array();
  for (const auto& pin : pins->devices) {
    list.begin_object();
    write_pin(list, pin);
    list.end_object();
  }
  list.end_array();
  text += "}";
  co_await out.write(text);
}

// Page by page: an export of any length costs the memory of one. Breaks off, so that nobody takes a
// part for the whole, when the database goes away.
Task<void> write_entries(Service& service, net::BodyWriter& out, User user, bool csv) {
  const Currency currency = service.config.currency;
  std::string text = beginning(user, csv, currency);
  std::int64_t last = 0;
  for (bool first = true;;) {
    const auto rows = co_await service.db.query(queries::user::export_entries,
                                                pg::Params().add(user.id).add(last));
    if (!rows) throw std::runtime_error("export: " + rows.error().message);
    for (int i = 0; i < rows->size(); ++i) {
      const ExportedEntry entry{*rows, i};
      if (csv) {
        write_csv(text, entry, currency);
      } else {
        text += std::exchange(first, false) ? "" : ",";
        write_json(text, entry, currency);
      }
      last = entry.seq();
    }
    if (rows->empty()) break;
    if (!co_await out.write(std::exchange(text, {}))) co_return;
  }
  if (!csv) text += "]";
  if (!text.empty() && !co_await out.write(text)) co_return;
  if (csv) co_return;
  if (co_await write_lists(service, out, user) && co_await write_notices(service, out, user) &&
      co_await write_signed_payments(service, out, user) &&
      co_await write_signed_proposals(service, out, user) &&
      co_await write_sign_in(service, out, user))
    co_await write_passkeys(service, out, user);
}

}  // namespace

// All that is kept of a person (GDPR art. 20), as JSON, or the entries alone as CSV.
net::Reply export_user(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  net::QueryReader query(request);
  const bool csv = query.choice("format", {"json", "csv"}, "json") == "csv";
  if (auto error = query.finish()) co_return fail(std::move(*error));
  if (auto allowed = require_self_or(Permission::erase, request, *id); !allowed)
    co_return fail(std::move(allowed.error()));
  auto user = co_await find_user(service.db, *id);
  if (!user) co_return fail(std::move(user.error()));

  net::Response response{200, csv ? "text/csv; charset=utf-8; header=present" : "application/json"};
  response.header("Content-Disposition", std::string("attachment; filename=\"mini-instapay-") +
                                             user->username + (csv ? ".csv\"" : ".json\""));
  response.stream = [&service, user = std::move(*user), csv](net::BodyWriter& out) {
    return write_entries(service, out, user, csv);
  };
  co_return response;
}

}  // namespace instapay::user
