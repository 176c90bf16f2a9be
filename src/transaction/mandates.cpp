#include "transaction/mandates.h"

#include <fmt/format.h>

#include "ledger/store/durable.h"
#include "transaction/render.h"

namespace instapay::transaction {
namespace {

constexpr std::string_view kDrawStates[] = {"announced", "paid", "failed", "cancelled"};
enum class DrawState : std::int16_t { announced = 0, paid = 1 };

std::string text_of(const std::optional<std::string_view>& text) {
  return std::string(text.value_or(""));
}

// Why it was not paid. Who is paid learns nothing of the payer's money, limits and freezes.
std::string shown_reason(const DrawRow& row, const net::Principal& viewer) {
  constexpr std::string_view kOfBoth[] = {"payer", "payee", "mandate_cancelled", "mandate_expired",
                                          "too_late"};
  std::string reason = text_of(row.refusal);
  if (reason.empty() || row.payer_id == viewer.user_id || viewer.is_staff() ||
      std::ranges::find(kOfBoth, reason) != std::end(kOfBoth))
    return reason;
  return "not_paid";
}

Error fail_due() {
  return fail_field("dueOn", "out_of_range",
                    fmt::format("dueOn must be a day from {} hours to {} days from now.",
                                kDrawNotice_hours, kDrawHorizon_days))
      .error();
}

Error fail_expiry() {
  return fail_field("dueOn", "out_of_range", "The mandate ends before this is due.").error();
}

Error fail_end(MandateState state) {
  switch (state) {
    case MandateState::proposed:
      return {Code::mandate_not_accepted, "The payer has not accepted this mandate yet."};
    case MandateState::active:
      return {Code::mandate_accepted, "This mandate is accepted already; cancel it instead."};
    case MandateState::declined:
      return {Code::mandate_ended, "This mandate was declined."};
    case MandateState::cancelled:
      return {Code::mandate_ended, "This mandate was cancelled."};
    case MandateState::expired:
      break;
  }
  return {Code::mandate_ended, "This mandate has expired."};
}

}  // namespace

void Mandate::make_new() {
  state = MandateState::proposed;
  time_zone.clear();
  end_reason.clear();
  accepted_us = ended_us = left_minor = next_minor = next_due_us = std::nullopt;
}

Mandate read_mandate(const queries::transaction::FindMandateRow& row) {
  Mandate mandate;
  mandate.id = row.id;
  mandate.payer = {row.payer_id, std::string(row.payer_username), std::string(row.payer_name)};
  mandate.payee = {row.payee_id, std::string(row.payee_username), std::string(row.payee_name)};
  mandate.per_draw_minor = row.per_draw;
  mandate.per_month_minor = row.per_month;
  mandate.note = text_of(row.note);
  mandate.time_zone = text_of(row.time_zone);
  mandate.end_reason = text_of(row.end_reason);
  mandate.state = static_cast<MandateState>(row.state);
  mandate.created_us = row.created_at;
  mandate.accepted_us = row.accepted_at;
  mandate.expires_us = row.expires_at;
  mandate.ended_us = row.ended_at;
  if (mandate.state == MandateState::active) mandate.left_minor = row.left_this_month;
  mandate.next_minor = row.next_amount;
  mandate.next_due_us = row.next_due_at;
  return mandate;
}

Task<Result<Mandate>> find_mandate(Service& service, const net::Principal& viewer, Uuid id) {
  const Uuid user = viewer.user_id;
  const bool staff = viewer.is_staff();
  const auto rows =
      co_await service.db.query(queries::transaction::find_mandate, pg::Params().add(id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (!rows->empty()) {
    Mandate mandate = read_mandate(rows->front());
    if (mandate.is_payer(user) || mandate.is_payee(user) || staff) co_return mandate;
  }
  co_return fail(Code::mandate_not_found, "There is no such mandate.");
}

void write_mandate(JsonWriter& json, const Mandate& mandate, Currency currency) {
  json.field("id", mandate.id);
  json.field("status", kMandateStates[static_cast<std::size_t>(mandate.state)]);
  json.key("payer");
  write_public_user(json, mandate.payer.id, mandate.payer.username, mandate.payer.display_name);
  json.key("payee");
  write_public_user(json, mandate.payee.id, mandate.payee.username, mandate.payee.display_name);
  json.key("perDraw").amount(mandate.per_draw_minor, currency);
  json.key("perMonth").amount(mandate.per_month_minor, currency);
  json.field("currency", currency.code).field_or_null("note", mandate.note);
  json.field_or_null("timeZone", mandate.time_zone);
  json.key("createdAt").time(mandate.created_us);
  json.key("acceptedAt").time_or_null(mandate.accepted_us);
  json.key("expiresAt").time_or_null(mandate.expires_us);
  json.key("endedAt").time_or_null(mandate.ended_us);
  json.field_or_null("endReason", mandate.end_reason);
  json.key("leftThisMonth").amount_or_null(mandate.left_minor, currency);
  json.key("next");
  if (mandate.next_minor && mandate.next_due_us) {
    json.begin_object().key("amount").amount(*mandate.next_minor, currency);
    json.key("dueAt").time(*mandate.next_due_us).end_object();
  } else {
    json.null();
  }
}

net::Response mandate_answer(int status, const Mandate& mandate, Currency currency) {
  net::Response response{status, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_mandate(json, mandate, currency);
  json.end_object();
  return response;
}

Error explain_new_mandate(const pg::Failure& failure) {
  if (failure.is(pg::kCheckViolation)) {
    if (failure.constraint == "mandates_allowed")
      return {Code::request_not_allowed, "This person does not take requests from you."};
    if (failure.constraint == "mandates_payee_active")
      return {Code::account_frozen, "While your account is frozen you cannot ask for money."};
    // By the database's clock, and not by this machine's, it is past already.
    if (failure.constraint == "mandates_expiry")
      return fail_field("expiresAt", "out_of_range", "expiresAt must be later than now.").error();
    if (failure.constraint == "mandate_proposals_a_day")
      return {Code::mandate_limit_exceeded,
              fmt::format("At most {} mandates proposed in 24 hours.", kMandateProposalsPerDayMax)};
    if (failure.constraint == "mandates_a_payee")
      return {Code::mandate_limit_exceeded,
              fmt::format("At most {} mandates at once.", kMandatesPerPayeeMax)};
    if (failure.constraint == "mandates_a_pair")
      return {Code::mandate_limit_exceeded,
              fmt::format("At most {} mandates from one person at once.", kMandatesPerPairMax)};
    if (failure.constraint == "mandates_a_payer")
      return {Code::mandate_limit_exceeded,
              fmt::format("At most {} mandates at once; cancel one first.", kMandatesPerPayerMax)};
    if (failure.constraint == "mandates_open")
      return {Code::mandate_ended, "This proposal is not open any more."};
  }
  return pg::to_error(failure);
}

net::Reply change_mandate(Service& service, const net::Principal& principal, Uuid id,
                          pg::Statement statement, pg::Params params, MandateState done,
                          bool (Mandate::*may)(const Uuid&) const) {
  const net::Principal viewer = principal;
  const auto changed = co_await service.db.query(statement, std::move(params));
  if (!changed) co_return fail(explain_new_mandate(changed.error()));
  const auto mandate = co_await find_mandate(service, viewer, id);
  if (!mandate) co_return fail(mandate.error());
  if (!((*mandate).*may)(viewer.user_id))
    co_return fail(Code::forbidden, "This is not yours to change.");
  if (changed->affected() != 0) co_return mandate_answer(200, *mandate, service.config.currency);
  // Another commit is told of, perhaps that of the same call before: not before it is durable.
  if (auto durable = co_await ledger::until_durable(service.db); !durable)
    co_return fail(std::move(durable.error()));
  if (mandate->state != done) co_return fail(fail_end(mandate->state));
  co_return mandate_answer(200, *mandate, service.config.currency);
}

Task<Result<pg::TypedRows<DrawRow>>> find_draw(Service& service, const net::Principal& viewer,
                                               Uuid id) {
  const Uuid user = viewer.user_id;
  const bool staff = viewer.is_staff();
  auto rows = co_await service.db.query(queries::transaction::find_draw, pg::Params().add(id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty() || (rows->front().payer_id != user && rows->front().payee_id != user && !staff))
    co_return fail(Code::draw_not_found, "There is no such draw.");
  co_return std::move(*rows);
}

void write_draw(JsonWriter& json, const DrawRow& row, const net::Principal& viewer,
                Currency currency) {
  const bool is_announced = row.status == static_cast<std::int16_t>(DrawState::announced);
  const bool is_paid = row.status == static_cast<std::int16_t>(DrawState::paid);
  json.begin_object().field("id", row.id).field("mandateId", row.mandate_id);
  json.field("status", kDrawStates[static_cast<std::size_t>(row.status)]);
  json.key("amount").amount(row.amount, currency);
  json.field("currency", currency.code).field_or_null("note", text_of(row.note));
  json.key("announcedAt").time(row.announced_at);
  json.key("dueAt").time(row.due_at);
  json.key("finishedAt").time_or_null(row.finished_at);
  json.field_or_null("transactionId", is_paid ? row.transfer_id->to_string() : "");
  json.field_or_null("reason", shown_reason(row, viewer));
  json.key("nextTryAt")
      .time_or_null(is_announced && row.refusal ? std::optional(row.try_at) : std::nullopt);
  json.end_object();
}

net::Response draw_answer(int status, const DrawRow& row, const net::Principal& viewer,
                          Currency currency) {
  net::Response response{status, "application/json"};
  JsonWriter json(response.body);
  write_draw(json, row, viewer, currency);
  return response;
}

Task<Result<void>> check_draw(Service& service, Mandate mandate, NewDraw draw) {
  if (mandate.state != MandateState::active) co_return fail(fail_end(mandate.state));
  const Currency currency = service.config.currency;
  const auto amount = [currency](std::int64_t minor) { return format_amount(minor, currency); };
  const auto exceeded = [&](std::string detail, Bounds bounds) {
    Error error{Code::draw_limit_exceeded, std::move(detail)};
    error.bounds = std::move(bounds);
    return fail(std::move(error));
  };
  if (draw.amount_minor > mandate.per_draw_minor)
    co_return exceeded(
        fmt::format("This mandate allows {} each time.", amount(mandate.per_draw_minor)),
        {.limit = amount(mandate.per_draw_minor), .left = amount(mandate.per_draw_minor)});
  const auto rows = co_await service.db.query(queries::transaction::draw_room,
                                              pg::Params().add(mandate.id).add(draw.due_on));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  const auto room = rows->front();
  if (!room.is_day) co_return fail(fail_due());
  if (mandate.expires_us && room.due_at >= *mandate.expires_us) co_return fail(fail_expiry());
  if (draw.amount_minor > room.month_left)
    co_return exceeded(fmt::format("This mandate leaves {} of {} for the month in which it is due.",
                                   amount(room.month_left), amount(mandate.per_month_minor)),
                       {.limit = amount(mandate.per_month_minor),
                        .left = amount(room.month_left),
                        .resets_us = room.resets_at});
  co_return Result<void>();
}

Error explain_new_draw(const pg::Failure& failure) {
  if (failure.is(pg::kCheckViolation)) {
    if (failure.constraint == "mandate_draws_active") return fail_end(MandateState::cancelled);
    if (failure.constraint == "mandate_draws_due") return fail_due();
    if (failure.constraint == "mandate_draws_expiry") return fail_expiry();
    if (failure.constraint == "mandate_draws_per_draw" ||
        failure.constraint == "mandate_draws_per_month")
      return {Code::draw_limit_exceeded, "Another draw has taken up what the mandate allows."};
    if (failure.constraint == "draws_a_day")
      return {Code::draw_limit_exceeded,
              fmt::format("At most {} draws of one mandate in 24 hours.", kDrawsPerDayMax)};
  }
  return explain_new_mandate(failure);
}

}  // namespace instapay::transaction
