#include "core/time.h"
#include "net/idempotency.h"
#include "queries.h"
#include "transaction/creation.h"
#include "transaction/handlers/handlers.h"
#include "transaction/schedules.h"

namespace instapay::transaction {
namespace {

struct NewSchedule {
  Uuid payee;
  Terms terms;
};

Result<NewSchedule> read_new_schedule(const Json& body, Currency currency) {
  Fields fields(body);
  NewSchedule asked;
  const auto receiver = Uuid::parse(fields.text("receiverId", {.max_chars = 36}));
  if (!receiver && !fields.has_error("receiverId"))
    fields.add_error("receiverId", "invalid_format", "receiverId must be the id of a user.");
  asked.payee = receiver.value_or(Uuid{});
  Terms& terms = asked.terms;
  terms.amount_minor = fields.amount("amount", currency);
  terms.note =
      fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
  const Rule rule = read_rule(fields);
  for (const auto& [name, value] :
       {std::pair("startsAt", &rule.starts), std::pair("timeZone", &rule.time_zone)})
    if (!*value && !fields.has_error(name))
      fields.add_error(name, "required", std::string(name) + " is required.");
  terms.starts = rule.starts.value_or("");
  terms.time_zone = rule.time_zone.value_or("");
  terms.repeats = rule.repeats.value_or(Repeats::once);
  terms.every = rule.every.value_or(1);
  const End end = read_end(fields);
  terms.ends_on = end.ends_on;
  terms.count = end.count;
  FieldErrors errors;
  fields.finish_into(errors);
  if (errors.empty()) check_terms(errors, terms, rule.every.has_value());
  if (!errors.empty()) return fail(validation_error(std::move(errors)));
  return asked;
}

Hash128 hash_of(const net::Request& request, const NewSchedule& asked) {
  const Terms& terms = asked.terms;
  HashInput canonical = net::canonical_request(request);
  canonical.bytes(asked.payee.bytes).number(static_cast<std::uint64_t>(terms.amount_minor), 8);
  canonical.text(terms.note).text(terms.starts).text(terms.time_zone);
  canonical.number(static_cast<std::uint64_t>(terms.repeats), 2);
  canonical.number(static_cast<std::uint64_t>(terms.every), 4).text(terms.ends_on.value_or(""));
  canonical.number(static_cast<std::uint64_t>(terms.count.value_or(0)), 4);
  return net::request_hash(canonical);
}

net::Response created_schedule(const Schedule& schedule, Currency currency) {
  net::Response response = schedule_answer(201, schedule, currency);
  response.header("Location", "/api/schedules/" + schedule.id.to_string());
  return response;
}

// The first answer of the key, if it has one: the schedule as it was when it was made, whose terms
// the same request says again.
Task<Result<std::optional<net::Response>>> replay(Service& service, net::Principal payer,
                                                  Hash128 key, Hash128 hash, NewSchedule asked) {
  const auto id = co_await find_created(service, queries::transaction::find_schedule_of_key,
                                        payer.user_id, key, hash);
  if (!id) co_return fail(id.error());
  if (!*id) co_return std::nullopt;
  auto schedule = co_await find_schedule(service, payer, **id);
  if (!schedule) co_return fail(std::move(schedule.error()));
  schedule->terms = std::move(asked.terms);
  schedule->state = ScheduleState::active;
  schedule->next_number = 1;
  schedule->next_us = schedule->first_us;
  schedule->ended_us.reset();
  schedule->end_reason.clear();
  schedule->waiting.reset();
  net::Response response = created_schedule(*schedule, service.config.currency);
  response.header("Idempotent-Replayed", "true");
  co_return response;
}

pg::Params params_of(const NewSchedule& asked, const Uuid& id, const Uuid& payer,
                     const Hash128& key, const Hash128& hash) {
  const Terms& terms = asked.terms;
  pg::Params params;
  params.add(id).add(payer).add(asked.payee).add(terms.amount_minor);
  params.add(terms.note.empty() ? std::nullopt : std::optional(terms.note));
  params.add_int16(static_cast<std::int16_t>(terms.repeats)).add(terms.every).add(terms.starts);
  params.add(terms.time_zone).add(terms.ends_on).add(terms.count).add_bytes(key).add_bytes(hash);
  return params;
}

}  // namespace

net::Reply create_schedule(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request, net::KeyRule::required);
  if (!key) co_return fail(std::move(key.error()));
  const auto asked = read_new_schedule(*body, service.config.currency);
  if (!asked) co_return fail(asked.error());
  const net::Principal& payer = *request.principal;
  const Hash128 hash = hash_of(request, *asked);
  for (bool again = false;; again = true) {
    auto first = co_await replay(service, payer, **key, hash, *asked);
    if (!first) co_return fail(std::move(first.error()));
    if (*first) co_return std::move(**first);
    if (again) co_return fail(Code::overloaded, "The key is being used just now; ask again.");
    if (auto zone = co_await check_time_zone(service, asked->terms.time_zone); !zone)
      co_return fail(std::move(zone.error()));
    if (auto good = co_await check_payment(service, payer, asked->payee, asked->terms.amount_minor);
        !good)
      co_return fail(std::move(good.error()));
    const Uuid id = Uuid::v7(now_us());
    const auto inserted = co_await service.db.query(
        queries::transaction::insert_schedule, params_of(*asked, id, payer.user_id, **key, hash));
    if (!inserted) co_return fail(explain_terms(inserted.error()));
    // The same request came twice at once, and this is the second: it gets the first one's answer.
    if (inserted->affected() == 0) continue;
    const auto made = co_await find_schedule(service, payer, id);
    if (!made) co_return fail(made.error());
    co_return created_schedule(*made, service.config.currency);
  }
}

}  // namespace instapay::transaction
