#pragma once
// Mandates and what is drawn by them, as handlers share them: reading one, showing one, and saying
// why not. What may be drawn is the database's to say in the end (check_new_draw in
// db/migrations/0026_mandates.sql).
#include "core/fields.h"
#include "core/json.h"
#include "net/http.h"
#include "queries/transaction.h"
#include "transaction/requests.h"
#include "transaction/service.h"

namespace instapay::transaction {

/// What a mandate has come to.
enum class MandateState : std::int16_t {
  proposed = 0,
  active = 1,
  declined = 2,
  cancelled = 3,
  expired = 4,
};
inline constexpr std::string_view kMandateStates[] = {"proposed", "active", "declined", "cancelled",
                                                      "expired"};

/// A row of mandate_details.
struct Mandate {
  Uuid id;
  Person payer, payee;  // the payee draws
  std::int64_t per_draw_minor = 0, per_month_minor = 0;
  std::string note, time_zone, end_reason;
  MandateState state = MandateState::proposed;
  std::int64_t created_us = 0;
  std::optional<std::int64_t> accepted_us, expires_us, ended_us;
  std::optional<std::int64_t> left_minor;  // of this month
  std::optional<std::int64_t> next_minor, next_due_us;

  bool is_payer(const Uuid& user) const { return payer.id == user; }
  bool is_payee(const Uuid& user) const { return payee.id == user; }
  bool is_side(const Uuid& user) const { return is_payer(user) || is_payee(user); }
  /// As it was when it was proposed, whatever has become of it.
  void make_new();
};
Mandate read_mandate(const queries::transaction::FindMandateRow& row);

/// Error: mandate_not_found, also where it is others' and the caller is not staff.
Task<Result<Mandate>> find_mandate(Service& service, const net::Principal& viewer, Uuid id);

/// The members of a Mandate; the caller opens and closes the object.
void write_mandate(JsonWriter& json, const Mandate& mandate, Currency currency);
net::Response mandate_answer(int status, const Mandate& mandate, Currency currency);

/// Why the database refused a proposal.
Error explain_new_mandate(const pg::Failure& failure);

/// Runs a statement that answers or ends a mandate; `may`: whose it is to do; `done`: the state
/// that it leaves. Doing it again changes nothing. Errors: mandate_not_found, forbidden, and why it
/// cannot be done any more.
net::Reply change_mandate(Service& service, const net::Principal& principal, Uuid id,
                          pg::Statement statement, pg::Params params, MandateState done,
                          bool (Mandate::*may)(const Uuid&) const);

using DrawRow = queries::transaction::FindDrawRow;

/// Error: draw_not_found, also where it is others' and the caller is not staff. What the row's
/// texts point to is the answer's.
Task<Result<pg::TypedRows<DrawRow>>> find_draw(Service& service, const net::Principal& viewer,
                                               Uuid id);

/// A Draw, whole. Why it was not paid, where that is of the payer's money, limits or freezes, is
/// for the payer and staff: others see `not_paid`.
void write_draw(JsonWriter& json, const DrawRow& row, const net::Principal& viewer,
                Currency currency);
net::Response draw_answer(int status, const DrawRow& row, const net::Principal& viewer,
                          Currency currency);

/// What somebody means to draw.
struct NewDraw {
  std::int64_t amount_minor = 0;
  std::string note;
  std::optional<std::string> due_on;  // YYYY-MM-DD, where the payer is
};

/// Whether the mandate allows it as it stands. Errors: mandate_not_accepted, mandate_ended,
/// draw_limit_exceeded, validation_failed on dueOn.
Task<Result<void>> check_draw(Service& service, Mandate mandate, NewDraw draw);
/// Why the database refused a draw that check_draw() had let through.
Error explain_new_draw(const pg::Failure& failure);

}  // namespace instapay::transaction
