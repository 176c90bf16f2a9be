#include "transaction/schedules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/time.h"
#include "ledger/store/durable.h"
#include "net/json_body.h"
#include "transaction/payment_request.h"
#include "transaction/render.h"

namespace instapay::transaction {
namespace {

constexpr std::string_view kOccurrenceStates[] = {"waiting", "paid", "failed", "skipped"};
constexpr std::int64_t kLateAfter_us = 3600 * kSecond_us;

template <class T>
std::string_view name_in(std::span<const std::string_view> names, T value) {
  return names[static_cast<std::size_t>(value)];
}

std::string text_of(const std::optional<std::string_view>& text) {
  return std::string(text.value_or(""));
}

}  // namespace

Schedule read_schedule(const queries::transaction::FindScheduleRow& row) {
  Schedule schedule;
  schedule.id = row.id;
  schedule.payer_id = row.payer_id;
  schedule.payee = {row.payee_id, std::string(row.payee_username), std::string(row.payee_name)};
  Terms& terms = schedule.terms;
  terms.amount_minor = row.amount;
  terms.note = text_of(row.note);
  terms.repeats = static_cast<Repeats>(row.repeats);
  terms.every = row.every;
  terms.starts = row.starts;
  terms.time_zone = row.time_zone;
  if (row.ends_on) terms.ends_on = std::string(*row.ends_on);
  terms.count = row.last_number;
  schedule.state = static_cast<ScheduleState>(row.state);
  schedule.next_number = row.next_number;
  schedule.next_us = row.next_at;
  schedule.first_us = row.first_at;
  schedule.created_us = row.created_at;
  schedule.ended_us = row.ended_at;
  schedule.end_reason = text_of(row.end_reason);
  if (row.waiting_number)
    schedule.waiting = Occurrence{.number = *row.waiting_number,
                                  .due_us = row.waiting_due_at.value_or(0),
                                  .amount_minor = row.waiting_amount.value_or(0),
                                  .try_us = row.waiting_try_at.value_or(0),
                                  .refusal = text_of(row.waiting_refusal)};
  return schedule;
}

Occurrence read_occurrence(const queries::transaction::ListOccurrencesRow& row) {
  return {.number = row.number,
          .status = row.status,
          .due_us = row.due_at,
          .amount_minor = row.amount,
          .try_us = row.try_at,
          .transfer_id = row.transfer_id,
          .finished_us = row.finished_at,
          .refusal = text_of(row.refusal)};
}

Task<Result<Schedule>> find_schedule(Service& service, const net::Principal& viewer, Uuid id) {
  const Uuid user = viewer.user_id;
  const bool staff = viewer.is_staff();
  const auto rows =
      co_await service.db.query(queries::transaction::find_schedule, pg::Params().add(id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty() || (rows->front().payer_id != user && !staff))
    co_return fail(Code::schedule_not_found, "There is no such schedule.");
  co_return read_schedule(rows->front());
}

void write_occurrence(JsonWriter& json, const Occurrence& occurrence, Currency currency) {
  const bool waiting = occurrence.status == 0, paid = occurrence.transfer_id.has_value();
  json.begin_object().field("number", occurrence.number);
  json.field("status", name_in(kOccurrenceStates, occurrence.status));
  json.key("dueAt").time(occurrence.due_us);
  json.key("amount").amount(occurrence.amount_minor, currency);
  json.key("finishedAt").time_or_null(occurrence.finished_us);
  json.field("late", paid && *occurrence.finished_us > occurrence.due_us + kLateAfter_us);
  json.field_or_null("transactionId", paid ? occurrence.transfer_id->to_string() : "");
  json.field_or_null("reason", occurrence.refusal);
  // Without a reason a worker is about to try for the first time.
  json.key("nextTryAt")
      .time_or_null(waiting && !occurrence.refusal.empty() ? std::optional(occurrence.try_us)
                                                           : std::nullopt);
  json.end_object();
}

void write_schedule(JsonWriter& json, const Schedule& schedule, Currency currency) {
  const Terms& terms = schedule.terms;
  json.field("id", schedule.id).field("status", name_in(kScheduleStates, schedule.state));
  json.key("receiver");
  write_public_user(json, schedule.payee.id, schedule.payee.username, schedule.payee.display_name);
  json.key("amount").amount(terms.amount_minor, currency);
  json.field("currency", currency.code).field_or_null("note", terms.note);
  json.field("repeats", name_in(kRepeats, terms.repeats)).field("interval", terms.every);
  json.field("startsAt", terms.starts).field("timeZone", terms.time_zone);
  json.field_or_null("endsOn", terms.ends_on.value_or(""));
  json.key("count");
  if (terms.count) {
    json.value(*terms.count);
  } else {
    json.null();
  }
  json.key("next");
  if (schedule.next_us) {
    json.begin_object().field("number", schedule.next_number);
    json.key("dueAt").time(*schedule.next_us).end_object();
  } else {
    json.null();
  }
  json.key("waiting");
  if (schedule.waiting) {
    write_occurrence(json, *schedule.waiting, currency);
  } else {
    json.null();
  }
  json.key("createdAt").time(schedule.created_us);
  json.key("endedAt").time_or_null(schedule.ended_us);
  json.field_or_null("endReason", schedule.end_reason);
}

net::Response schedule_answer(int status, const Schedule& schedule, Currency currency) {
  net::Response response{status, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_schedule(json, schedule, currency);
  json.end_object();
  return response;
}

Rule read_rule(Fields& fields) {
  Rule rule;
  rule.starts = fields.optional_text("startsAt", {.max_chars = 40});
  if (rule.starts && !fields.has_error("startsAt") && !parse_local_time(*rule.starts))
    fields.add_error("startsAt", "invalid_format",
                     "startsAt must be a local time, YYYY-MM-DDTHH:MM.");
  rule.time_zone = fields.optional_text("timeZone", {.max_chars = kZoneMax_chars});
  if (const auto name = fields.choice("repeats", kRepeats)) {
    const auto* const found = std::ranges::find(kRepeats, *name);
    if (found != std::end(kRepeats))
      rule.repeats = static_cast<Repeats>(found - std::begin(kRepeats));
  }
  rule.every = fields.optional_integer("interval", 1, kScheduleIntervalMax);
  return rule;
}

End read_end(Fields& fields) {
  End end;
  end.ends_on = fields.optional_text("endsOn", {.max_chars = 40});
  if (end.ends_on && !fields.has_error("endsOn") && !parse_date(*end.ends_on))
    fields.add_error("endsOn", "invalid_format", "endsOn must be a day, YYYY-MM-DD.");
  end.count = fields.optional_integer("count", 1, kScheduleCountMax);
  if (end.ends_on && end.count)
    fields.add_error("count", "not_allowed", "A schedule has a last day or a count, not both.");
  return end;
}

void check_terms(FieldErrors& errors, const Terms& terms, bool has_interval) {
  constexpr std::string_view kNotOnce = "Only a payment that is repeated has it.";
  if (terms.repeats == Repeats::once) {
    if (has_interval) errors.add({"interval", "not_allowed", std::string(kNotOnce)});
    if (terms.ends_on) errors.add({"endsOn", "not_allowed", std::string(kNotOnce)});
    if (terms.count) errors.add({"count", "not_allowed", std::string(kNotOnce)});
    return;
  }
  if (!terms.ends_on) return;
  constexpr std::int32_t kYear_days = 366;
  const std::int32_t first = parse_local_time(terms.starts).value_or(0);
  const std::int32_t last = parse_date(*terms.ends_on).value_or(0);
  if (last < first || last > first + kScheduleLife_years * kYear_days)
    errors.add({"endsOn", "out_of_range",
                fmt::format("endsOn must not be before the first payment, nor more than {} years "
                            "after it.",
                            kScheduleLife_years)});
}

namespace {

std::unexpected<Error> fail_time_zone() {
  return fail_field("timeZone", "not_allowed",
                    "timeZone must be a name of the IANA database, such as Africa/Cairo.");
}

}  // namespace

Task<Result<void>> check_time_zone(Service& service, std::string name) {
  const auto known = co_await service.zones.known(std::move(name));
  if (!known) co_return fail(known.error());
  if (!*known) co_return fail_time_zone();
  co_return Result<void>();
}

namespace {

std::optional<ledger::Refusal> refusal_of(const queries::transaction::FindScheduleSidesRow& sides,
                                          std::int64_t amount_minor, std::int64_t limit_minor) {
  using ledger::AccountStatus;
  const auto is = [](std::int16_t status, AccountStatus wanted) {
    return static_cast<AccountStatus>(status) == wanted;
  };
  if (is(sides.payer_status, AccountStatus::closed)) return ledger::Refusal{Code::account_closed};
  if (is(sides.payer_status, AccountStatus::frozen)) return ledger::Refusal{Code::sender_frozen};
  if (!sides.payee_status) return ledger::Refusal{Code::payee_not_found};
  if (!is(*sides.payee_status, AccountStatus::active))
    return ledger::Refusal{Code::receiver_unavailable};
  const ledger::Amount limit{sides.transfer_limit.value_or(limit_minor)};
  if ((sides.transfer_limit || limit_minor > 0) && amount_minor > limit.minor)
    return ledger::Refusal{Code::transfer_limit_exceeded, limit, limit};
  return std::nullopt;
}

}  // namespace

Task<Result<void>> check_payment(Service& service, const net::Principal& payer, Uuid payee,
                                 std::int64_t amount_minor) {
  if (payee == payer.user_id)
    co_return fail(Code::self_transfer, "You cannot send money to yourself.");
  const net::Principal principal = payer;
  const auto sides = co_await service.db.query(queries::transaction::find_schedule_sides,
                                               pg::Params().add(principal.user_id).add(payee));
  if (!sides) co_return fail(pg::to_error(sides.error()));
  if (sides->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  if (const auto refusal =
          refusal_of(sides->front(), amount_minor, service.config.transfer_limit_minor)) {
    PaymentRequest payment;
    payment.receiver_id = payee;
    co_return fail(explain(*refusal, payment, service.config.currency));
  }
  std::vector<ledger::Order> orders(1);
  orders.front().payer = {principal.user_id};
  orders.front().payee = {payee};
  orders.front().amount = {amount_minor};
  if (auto asked = co_await ask_for_factor(service, principal, orders); !asked)
    co_return fail(std::move(asked.error()));
  if (orders.front().refused)
    co_return fail(ledger::to_error({*orders.front().refused}, service.config.currency));
  co_return Result<void>();
}

Error explain_terms(const pg::Failure& failure, std::string_view end) {
  if (failure.is(pg::kCheckViolation)) {
    if (failure.constraint == "schedules_some")
      return fail_field(end, "out_of_range",
                        "With this end no payment is left to come; cancel the schedule instead.")
          .error();
    if (failure.constraint == "schedules_horizon")
      return fail_field("startsAt", "out_of_range",
                        fmt::format("startsAt must be later than now, by at most {} years.",
                                    kScheduleHorizon_years))
          .error();
    if (failure.constraint == "schedules_a_person")
      return {Code::schedule_limit_exceeded,
              fmt::format("At most {} schedules at once.", kSchedulesMax)};
  }
  // It was known when the schedule was made; the database's time zone data may have changed since.
  if (failure.is(pg::kInvalidParameterValue)) return fail_time_zone().error();
  return pg::to_error(failure);
}

net::Reply change_schedule(Service& service, const net::Request& request, pg::Statement statement,
                           ScheduleState done) {
  const net::Principal& principal = *request.principal;
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  const auto changed =
      co_await service.db.query(statement, pg::Params().add(*id).add(principal.user_id));
  if (!changed) co_return fail(explain_terms(changed.error()));
  const auto schedule = co_await find_schedule(service, principal, *id);
  if (!schedule) co_return fail(schedule.error());
  if (schedule->payer_id != principal.user_id)
    co_return fail(Code::forbidden, "This is not yours to change.");
  if (changed->affected() != 0) co_return schedule_answer(200, *schedule, service.config.currency);
  // Another commit is told of, perhaps that of the same call before: not before it is durable.
  if (auto durable = co_await ledger::until_durable(service.db); !durable)
    co_return fail(std::move(durable.error()));
  if (schedule->state != done)
    co_return fail(Code::schedule_ended, schedule->is_open()
                                             ? "Nothing more is to come of this schedule."
                                             : "This schedule has ended.");
  co_return schedule_answer(200, *schedule, service.config.currency);
}

}  // namespace instapay::transaction
