#pragma once
// Schedules as handlers share them: reading one, showing one, and saying why not. When what is due
// is the database's to say (occurrence_time in db/migrations/0013_schedules.sql).
#include "core/fields.h"
#include "core/json.h"
#include "net/http.h"
#include "queries/transaction.h"
#include "transaction/requests.h"
#include "transaction/service.h"

namespace instapay::transaction {

enum class Repeats : std::int16_t { once = 0, weekly = 1, monthly = 2, yearly = 3 };
inline constexpr std::string_view kRepeats[] = {"once", "weekly", "monthly", "yearly"};

/// What a schedule has come to, as its payer is told.
enum class ScheduleState : std::int16_t { active = 0, paused = 1, cancelled = 2, completed = 3 };
inline constexpr std::string_view kScheduleStates[] = {"active", "paused", "cancelled",
                                                       "completed"};

/// What is paid and when, as people say it. Times are those of a clock on the wall of the zone.
struct Terms {
  std::int64_t amount_minor = 0;
  std::string note;
  Repeats repeats = Repeats::once;
  std::int32_t every = 1;
  std::string starts;  // YYYY-MM-DDTHH:MM
  std::string time_zone;
  std::optional<std::string> ends_on;  // YYYY-MM-DD
  std::optional<std::int32_t> count;
};

/// An occurrence that is due, or was.
struct Occurrence {
  std::int32_t number = 0;
  std::int16_t status = 0;  // of kOccurrenceStates
  std::int64_t due_us = 0, amount_minor = 0, try_us = 0;
  std::optional<Uuid> transfer_id;
  std::optional<std::int64_t> finished_us;
  std::string refusal;
};

/// A row of schedule_details.
struct Schedule {
  Uuid id, payer_id;
  Person payee;
  Terms terms;
  ScheduleState state = ScheduleState::active;
  std::int32_t next_number = 1;
  std::int64_t first_us = 0, created_us = 0;
  std::optional<std::int64_t> next_us, ended_us;
  std::string end_reason;
  std::optional<Occurrence> waiting;  // for money, or for a worker

  bool is_open() const { return state == ScheduleState::active || state == ScheduleState::paused; }
};
Schedule read_schedule(const queries::transaction::FindScheduleRow& row);

/// Error: schedule_not_found, also where it is somebody else's and the caller is not staff.
Task<Result<Schedule>> find_schedule(Service& service, const net::Principal& viewer, Uuid id);

/// The members of a Schedule; the caller opens and closes the object.
void write_schedule(JsonWriter& json, const Schedule& schedule, Currency currency);
net::Response schedule_answer(int status, const Schedule& schedule, Currency currency);
void write_occurrence(JsonWriter& json, const Occurrence& occurrence, Currency currency);
Occurrence read_occurrence(const queries::transaction::ListOccurrencesRow& row);

inline constexpr std::size_t kZoneMax_chars = 64;

/// Takes the fields of when: startsAt, timeZone, repeats, interval. Mistakes stay in `fields`.
struct Rule {
  std::optional<std::string> starts, time_zone;
  std::optional<Repeats> repeats;
  std::optional<std::int32_t> every;
};
Rule read_rule(Fields& fields);
/// Takes endsOn and count: one of them at most.
struct End {
  std::optional<std::string> ends_on;
  std::optional<std::int32_t> count;
};
End read_end(Fields& fields);

/// What only repeated payments have, where they are not repeated; a last day before the first, or
/// too long after it.
void check_terms(FieldErrors& errors, const Terms& terms, bool has_interval);
/// Error: validation_failed on timeZone.
Task<Result<void>> check_time_zone(Service& service, std::string name);

/// What a payment like those of the schedule would run into now, but for its money: a frozen or
/// closed account, the limit of one payment, and whether the payer's rules ask for a second factor,
/// since nobody is there to show one later.
Task<Result<void>> check_payment(Service& service, const net::Principal& payer, Uuid payee,
                                 std::int64_t amount_minor);

/// Why the database refused terms. `end`: the field that says when they end.
Error explain_terms(const pg::Failure& failure, std::string_view end = "endsOn");

/// Runs a statement that changes an open schedule of the caller's; `done`: the state that it
/// leaves. Doing it again changes nothing. Errors: schedule_not_found, schedule_ended.
net::Reply change_schedule(Service& service, const net::Request& request, pg::Statement statement,
                           ScheduleState done);

}  // namespace instapay::transaction
