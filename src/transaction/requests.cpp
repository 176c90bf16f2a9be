#include "transaction/requests.h"

#include <algorithm>

#include "core/time.h"
#include "ledger/store/durable.h"
#include "queries.h"
#include "transaction/render.h"

namespace instapay::transaction {
namespace {

constexpr std::string_view kExpiryRule = "expiresAt must be later than now, by at most 366 days.";

constexpr std::pair<RequestState, std::string_view> kStates[] = {
    {RequestState::open, "open"},
    {RequestState::paid, "paid"},
    {RequestState::partly_paid, "partly_paid"},
    {RequestState::declined, "declined"},
    {RequestState::cancelled, "cancelled"},
    {RequestState::expired, "expired"},
};

Person read_person(const pg::Rows& rows, int row, int first_column) {
  return {rows.uuid(row, first_column), std::string(rows.text(row, first_column + 1)),
          std::string(rows.text(row, first_column + 2))};
}

void write_person(JsonWriter& json, std::string_view name, const std::optional<Person>& person) {
  json.key(name);
  if (person) {
    write_public_user(json, person->id, person->username, person->display_name);
  } else {
    json.null();
  }
}

}  // namespace

std::string_view name_of(RequestState state) {
  for (const auto& [each, name] : kStates)
    if (each == state) return name;
  return "unknown";
}

std::optional<RequestState> parse_request_state(std::string_view name) {
  for (const auto& [state, each] : kStates)
    if (each == name) return state;
  return std::nullopt;
}

void AskedPayment::make_new() {
  state = RequestState::open;
  paid_us = closed_us = reminded_us = std::nullopt;
  transfer_id.reset();
  refunded_minor = 0;
  decline_reason.clear();
}

AskedPayment read_request(const pg::Rows& rows, int row) {
  AskedPayment asked;
  asked.id = rows.uuid(row, 0);
  asked.payee = read_person(rows, row, 1);
  if (!rows.is_null(row, 4)) asked.payer = read_person(rows, row, 4);
  asked.amount_minor = rows.optional_int64(row, 7);
  asked.note = rows.text(row, 8);
  asked.state = static_cast<RequestState>(rows.int64(row, 9));
  asked.created_us = rows.time_us(row, 10);
  asked.expires_us = rows.optional_time_us(row, 11);
  asked.paid_us = rows.optional_time_us(row, 12);
  asked.closed_us = rows.optional_time_us(row, 13);
  asked.reminded_us = rows.optional_time_us(row, 14);
  asked.decline_reason = rows.text(row, 15);
  if (!rows.is_null(row, 16)) asked.transfer_id = rows.uuid(row, 16);
  asked.refunded_minor = rows.int64(row, 17);
  asked.code = rows.text(row, 18);
  if (!rows.is_null(row, 19)) asked.split_id = rows.uuid(row, 19);
  return asked;
}

namespace {

Result<AskedPayment> only_request(const pg::Result<pg::Rows>& rows) {
  if (!rows) return fail(pg::to_error(rows.error()));
  if (rows->empty()) return fail(Code::request_not_found, "There is no such payment request.");
  return read_request(*rows, 0);
}

}  // namespace

Task<Result<AskedPayment>> find_request(Service& service, Uuid id) {
  co_return only_request(
      co_await service.db.query(queries::transaction::find_request, pg::Params().add(id)));
}

Task<Result<AskedPayment>> find_request_of_code(Service& service, const std::string& code) {
  co_return only_request(co_await service.db.query(queries::transaction::find_request_of_code,
                                                   pg::Params().add(code)));
}

Task<Result<AskedPayment>> find_visible_request(Service& service, const net::Principal& principal,
                                                Uuid id) {
  const Uuid user = principal.user_id;
  const bool staff = principal.is_staff();
  auto asked = co_await find_request(service, id);
  if (!asked) co_return asked;
  // Somebody else's is as good as none.
  if (asked->payer && !asked->is_payee(user) && !asked->is_payer(user) && !staff)
    co_return fail(Code::request_not_found, "There is no such payment request.");
  co_return asked;
}

void write_request(JsonWriter& json, const AskedPayment& asked, const net::Principal& viewer,
                   Currency currency) {
  json.field("id", asked.id).field("status", name_of(asked.state));
  json.field("uses", asked.is_once() ? "once" : "many");
  json.key("amount").amount_or_null(asked.amount_minor, currency);
  json.field("currency", currency.code);
  json.field_or_null("note", asked.note);
  write_person(json, "payee", asked.payee);
  write_person(json, "payer", asked.payer);
  json.key("createdAt").time(asked.created_us);
  json.key("expiresAt").time_or_null(asked.expires_us);
  if (!asked.is_payee(viewer.user_id) && !asked.is_payer(viewer.user_id) && !viewer.is_staff())
    return;
  json.key("paidAt").time_or_null(asked.paid_us);
  json.key("closedAt").time_or_null(asked.closed_us);
  json.key("remindedAt").time_or_null(asked.reminded_us);
  json.field_or_null("declineReason", asked.decline_reason);
  json.field_or_null("transactionId", asked.transfer_id ? asked.transfer_id->to_string() : "");
  json.key("refunded").amount(asked.refunded_minor, currency);
  json.field_or_null("splitId", asked.split_id ? asked.split_id->to_string() : "");
  if (asked.is_payee(viewer.user_id)) json.field_or_null("code", asked.code);
}

net::Response request_answer(int status, const AskedPayment& asked, const net::Principal& viewer,
                             Currency currency) {
  net::Response response{status, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_request(json, asked, viewer, currency);
  json.end_object();
  return response;
}

Task<Result<AskedPayment>> close_request(Service& service, const net::Principal& principal, Uuid id,
                                         pg::Statement statement, pg::Params params,
                                         RequestState closed,
                                         bool (AskedPayment::*may)(const Uuid&) const) {
  const Uuid user = principal.user_id;
  const auto rows = co_await service.db.query(statement, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  auto asked = co_await find_visible_request(service, principal, id);
  if (!asked) co_return asked;
  if (!((*asked).*may)(user)) co_return fail(Code::forbidden, "This is not yours to close.");
  if (rows->affected() != 0) co_return asked;
  // Another commit is told of, perhaps that of the same call before: not before it is durable.
  if (auto durable = co_await ledger::until_durable(service.db); !durable)
    co_return fail(std::move(durable.error()));
  if (asked->state != closed)
    co_return fail(
        explain_end(asked->state)
            .value_or(Error{Code::overloaded, "The request changes just now; ask again."}));
  co_return asked;
}

std::optional<std::int64_t> read_request_expiry(Fields& fields) {
  const auto expires_us = fields.optional_time("expiresAt");
  const std::int64_t now = now_us();
  if (expires_us && (*expires_us <= now || *expires_us > now + kRequestLifeMax_us))
    fields.add_error("expiresAt", "out_of_range", std::string(kExpiryRule));
  return expires_us;
}

Error explain_new_request(const pg::Failure& failure) {
  if (failure.is(pg::kCheckViolation)) {
    if (failure.constraint == "requests_allowed")
      return {Code::request_not_allowed, "This person does not take requests from you."};
    if (failure.constraint == "requests_payee_active")
      return {Code::account_frozen, "While your account is frozen you cannot ask for money."};
    // By the database's clock, and not by this machine's, it is past already.
    if (failure.constraint == "payment_requests_expiry")
      return fail_field("expiresAt", "out_of_range", std::string(kExpiryRule)).error();
    if (failure.constraint == "requests_a_day")
      return {Code::request_limit_exceeded,
              "At most " + std::to_string(kRequestsPerDayMax) + " requests in 24 hours."};
    if (failure.constraint == "requests_a_day_to_one_person")
      return {Code::request_limit_exceeded, "At most " +
                                                std::to_string(kRequestsToOnePersonPerDayMax) +
                                                " requests to one person in 24 hours."};
  }
  return pg::to_error(failure);
}

std::optional<Error> explain_end(RequestState state) {
  switch (state) {
    case RequestState::open:
    case RequestState::partly_paid:
      return std::nullopt;
    case RequestState::paid:
      return Error{Code::request_already_paid, "This request was paid already."};
    case RequestState::declined:
      return Error{Code::request_declined, "This request was declined."};
    case RequestState::cancelled:
      return Error{Code::request_cancelled, "This request was cancelled."};
    case RequestState::expired:
      return Error{Code::request_expired, "This request has expired."};
  }
  return std::nullopt;
}

}  // namespace instapay::transaction
