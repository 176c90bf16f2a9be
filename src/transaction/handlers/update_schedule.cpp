#include "queries.h"
#include "transaction/handlers/handlers.h"
#include "transaction/schedules.h"

namespace instapay::transaction {
namespace {

struct Change {
  std::optional<std::int64_t> amount_minor;
  bool note_changes = false, end_changes = false;
  std::string note;
  Rule rule;
  End end;

  bool moves_other_money() const { return amount_minor || rule.starts || end_changes; }
};

Result<Change> read_change(const Json& body, Currency currency) {
  Fields fields(body);
  Change change;
  change.amount_minor = fields.optional_amount("amount", currency);
  change.note_changes = fields.has("note");
  change.note =
      fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
  change.rule = read_rule(fields);
  const Rule& rule = change.rule;
  if (!rule.starts && (rule.time_zone || rule.repeats || rule.every))
    fields.add_error("startsAt", "required", "With another rule startsAt says when the next is.");
  change.end_changes = fields.has("endsOn") || fields.has("count");
  change.end = read_end(fields);
  if (auto error = fields.finish()) return fail(std::move(*error));
  return change;
}

// The terms as they will be.
Result<Terms> changed(Terms terms, const Change& change) {
  if (change.amount_minor) terms.amount_minor = *change.amount_minor;
  if (change.rule.starts) terms.starts = *change.rule.starts;
  terms.repeats = change.rule.repeats.value_or(terms.repeats);
  if (change.end_changes) {
    terms.ends_on = change.end.ends_on;
    terms.count = change.end.count;
  }
  FieldErrors errors;
  check_terms(errors, terms, change.rule.every.has_value());
  if (!errors.empty()) return fail(validation_error(std::move(errors)));
  return terms;
}

pg::Params params_of(const Uuid& id, const Uuid& payer, const Change& change) {
  pg::Params params;
  params.add(id).add(payer).add(change.amount_minor).add(change.note_changes);
  params.add(change.note.empty() ? std::nullopt : std::optional(change.note));
  params.add(change.rule.starts).add(change.rule.time_zone);
  if (change.rule.repeats) {
    params.add_int16(static_cast<std::int16_t>(*change.rule.repeats));
  } else {
    params.add_null();
  }
  params.add(change.rule.every).add(change.end_changes);
  params.add(change.end.ends_on).add(change.end.count);
  return params;
}

}  // namespace

net::Reply update_schedule(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  const auto change = read_change(*body, service.config.currency);
  if (!change) co_return fail(change.error());
  const net::Principal& payer = *request.principal;
  const auto before = co_await find_schedule(service, payer, *id);
  if (!before) co_return fail(before.error());
  if (before->payer_id != payer.user_id)
    co_return fail(Code::forbidden, "This is not yours to change.");
  if (!before->is_open() || !before->next_us)
    co_return fail(Code::schedule_ended, "Nothing more is to come of this schedule.");
  const auto terms = changed(before->terms, *change);
  if (!terms) co_return fail(terms.error());
  if (change->rule.time_zone)
    if (auto zone = co_await check_time_zone(service, *change->rule.time_zone); !zone)
      co_return fail(std::move(zone.error()));
  if (change->moves_other_money())
    if (auto good = co_await check_payment(service, payer, before->payee.id, terms->amount_minor);
        !good)
      co_return fail(std::move(good.error()));
  const auto updated = co_await service.db.query(queries::transaction::update_schedule,
                                                 params_of(*id, payer.user_id, *change));
  if (!updated)
    co_return fail(explain_terms(updated.error(), change->end.count ? "count" : "endsOn"));
  if (updated->affected() == 0)
    co_return fail(Code::schedule_ended, "Nothing more is to come of this schedule.");
  const auto after = co_await find_schedule(service, payer, *id);
  if (!after) co_return fail(after.error());
  co_return schedule_answer(200, *after, service.config.currency);
}

}  // namespace instapay::transaction
