#include "core/time.h"
#include "net/idempotency.h"
#include "queries.h"
#include "transaction/creation.h"
#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"

namespace instapay::transaction {
namespace {

Result<NewDraw> read_draw(const Json& body, Currency currency) {
  Fields fields(body);
  NewDraw draw;
  draw.amount_minor = fields.amount("amount", currency);
  draw.note =
      fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
  draw.due_on = fields.optional_text("dueOn", {.max_chars = 40});
  if (draw.due_on && !fields.has_error("dueOn") && !parse_date(*draw.due_on))
    fields.add_error("dueOn", "invalid_format", "dueOn must be a day, YYYY-MM-DD.");
  if (auto error = fields.finish()) return fail(std::move(*error));
  return draw;
}

Hash128 hash_of(const net::Request& request, const NewDraw& draw) {
  HashInput canonical = net::canonical_request(request);
  canonical.number(static_cast<std::uint64_t>(draw.amount_minor), 8);
  canonical.text(draw.note).text(draw.due_on.value_or(""));
  return net::request_hash(canonical);
}

net::Response created_draw(const DrawRow& row, const net::Principal& viewer, Currency currency) {
  net::Response response = draw_answer(201, row, viewer, currency);
  response.header("Location", "/api/mandates/draws/" + row.id.to_string());
  return response;
}

// The first answer of the key, if it has one: the draw as it was when it was announced.
Task<Result<std::optional<net::Response>>> replay(Service& service, net::Principal payee,
                                                  Hash128 key, Hash128 hash) {
  const auto id = co_await find_created(service, queries::transaction::find_draw_of_key,
                                        payee.user_id, key, hash);
  if (!id) co_return fail(id.error());
  if (!*id) co_return std::nullopt;
  const auto rows = co_await find_draw(service, payee, **id);
  if (!rows) co_return fail(rows.error());
  DrawRow row = rows->front();
  row.status = 0;
  row.finished_at.reset();
  row.transfer_id.reset();
  row.refusal.reset();
  net::Response response = created_draw(row, payee, service.config.currency);
  response.header("Idempotent-Replayed", "true");
  co_return response;
}

pg::Params params_of(const NewDraw& draw, const Uuid& id, const Uuid& mandate, const Uuid& payee,
                     const Hash128& key, const Hash128& hash) {
  pg::Params params;
  params.add(id).add(mandate).add(payee).add(draw.amount_minor).add(draw.due_on);
  params.add(draw.note.empty() ? std::nullopt : std::optional(draw.note));
  params.add_bytes(key).add_bytes(hash);
  return params;
}

}  // namespace

net::Reply create_draw(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request, net::KeyRule::required);
  if (!key) co_return fail(std::move(key.error()));
  const auto draw = read_draw(*body, service.config.currency);
  if (!draw) co_return fail(draw.error());
  const net::Principal& payee = *request.principal;
  const Hash128 hash = hash_of(request, *draw);
  for (bool again = false;; again = true) {
    auto first = co_await replay(service, payee, **key, hash);
    if (!first) co_return fail(std::move(first.error()));
    if (*first) co_return std::move(**first);
    if (again) co_return fail(Code::overloaded, "The key is being used just now; ask again.");
    const auto mandate = co_await find_mandate(service, payee, *id);
    if (!mandate) co_return fail(mandate.error());
    if (!mandate->is_payee(payee.user_id))
      co_return fail(Code::forbidden, "Only its payee draws by a mandate.");
    if (auto allowed = co_await check_draw(service, *mandate, *draw); !allowed)
      co_return fail(std::move(allowed.error()));
    const Uuid draw_id = Uuid::v6(now_us());
    const auto inserted =
        co_await service.db.query(queries::transaction::insert_draw,
                                  params_of(*draw, draw_id, *id, payee.user_id, **key, hash));
    if (!inserted) co_return fail(explain_new_draw(inserted.error()));
    // The same request came twice at once, and this is the second: it gets the first one's answer.
    if (inserted->affected() == 0) continue;
    const auto made = co_await find_draw(service, payee, draw_id);
    if (!made) co_return fail(made.error());
    co_return created_draw(made->front(), payee, service.config.currency);
  }
}

}  // namespace instapay::transaction
