#include "core/email.h"
#include "core/time.h"
#include "net/idempotency.h"
#include "queries.h"
#include "transaction/creation.h"
#include "transaction/handlers/handlers.h"
#include "transaction/mandates.h"

namespace instapay::transaction {
namespace {

struct Proposal {
  PayeeDirectory::Name from;  // who is to pay
  std::int64_t per_draw_minor = 0, per_month_minor = 0;
  std::optional<std::int64_t> expires_us;
  std::string note;
};

Result<Proposal> read_proposal(const Json& body, Currency currency) {
  Fields fields(body);
  Proposal asked;
  const std::string from = fields.text("from", {.max_chars = kEmailMax_bytes});
  if (!from.empty()) asked.from = PayeeDirectory::Name::of_any(from);
  asked.per_draw_minor = fields.amount("perDraw", currency);
  asked.per_month_minor = fields.amount("perMonth", currency);
  if (!fields.has_error("perDraw") && !fields.has_error("perMonth") &&
      asked.per_month_minor < asked.per_draw_minor)
    fields.add_error("perMonth", "out_of_range", "perMonth must not be less than perDraw.");
  asked.note =
      fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
  asked.expires_us = fields.optional_time("expiresAt");
  const std::int64_t now = now_us();
  if (asked.expires_us &&
      (*asked.expires_us <= now || *asked.expires_us > now + kMandateLifeMax_us))
    fields.add_error("expiresAt", "out_of_range",
                     "expiresAt must be later than now, by at most ten years.");
  if (auto error = fields.finish()) return fail(std::move(*error));
  return asked;
}

Hash128 hash_of(const net::Request& request, const Proposal& asked) {
  HashInput canonical = net::canonical_request(request);
  canonical.text(asked.from.text);
  canonical.number(static_cast<std::uint64_t>(asked.per_draw_minor), 8);
  canonical.number(static_cast<std::uint64_t>(asked.per_month_minor), 8);
  canonical.number(static_cast<std::uint64_t>(asked.expires_us.value_or(0)), 8).text(asked.note);
  return net::request_hash(canonical);
}

net::Response created_mandate(const Mandate& mandate, Currency currency) {
  net::Response response = mandate_answer(201, mandate, currency);
  response.header("Location", "/api/mandates/" + mandate.id.to_string());
  return response;
}

// The first answer of the key, if it has one: the mandate as it was when it was proposed.
Task<Result<std::optional<net::Response>>> replay(Service& service, net::Principal payee,
                                                  Hash128 key, Hash128 hash) {
  const auto id = co_await find_created(service, queries::transaction::find_mandate_of_key,
                                        payee.user_id, key, hash);
  if (!id) co_return fail(id.error());
  if (!*id) co_return std::nullopt;
  auto mandate = co_await find_mandate(service, payee, **id);
  if (!mandate) co_return fail(std::move(mandate.error()));
  mandate->make_new();
  net::Response response = created_mandate(*mandate, service.config.currency);
  response.header("Idempotent-Replayed", "true");
  co_return response;
}

Task<Result<Uuid>> find_payer(Service& service, const Proposal& asked, Uuid payee) {
  auto found = co_await service.payees.find(asked.from);
  if (!found) co_return fail(std::move(found.error()));
  if (!*found) co_return fail(Code::user_not_found, "Nobody here has this name.");
  if (**found == payee) co_return fail(Code::self_transfer, "You cannot draw from yourself.");
  co_return **found;
}

pg::Params params_of(const Proposal& asked, const Uuid& id, const Uuid& payer, const Uuid& payee,
                     const Hash128& key, const Hash128& hash) {
  pg::Params params;
  params.add(id).add(payer).add(payee).add(asked.per_draw_minor).add(asked.per_month_minor);
  params.add(asked.note.empty() ? std::nullopt : std::optional(asked.note));
  params.add_optional_time(asked.expires_us).add_bytes(key).add_bytes(hash);
  return params;
}

// Whether the mandate of that id was made: false when another with its key was first. A refusal may
// rest on whose an address was before they were erased, so it is asked about once more then.
Task<Result<bool>> insert(Service& service, Proposal asked, Uuid id, Uuid payee, Hash128 key,
                          Hash128 hash) {
  for (bool again = false;; again = true) {
    const auto payer = co_await find_payer(service, asked, payee);
    if (!payer) co_return fail(payer.error());
    const auto inserted = co_await service.db.query(queries::transaction::insert_mandate,
                                                    params_of(asked, id, *payer, payee, key, hash));
    if (inserted) co_return inserted->affected() > 0;
    if (again || inserted.error().constraint != "mandates_allowed")
      co_return fail(explain_new_mandate(inserted.error()));
    service.payees.forget(asked.from.text);
  }
}

}  // namespace

net::Reply create_mandate(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request, net::KeyRule::required);
  if (!key) co_return fail(std::move(key.error()));
  const auto asked = read_proposal(*body, service.config.currency);
  if (!asked) co_return fail(asked.error());
  const net::Principal& payee = *request.principal;
  const Hash128 hash = hash_of(request, *asked);
  auto first = co_await replay(service, payee, **key, hash);
  if (!first) co_return fail(std::move(first.error()));
  if (*first) co_return std::move(**first);
  const Uuid id = Uuid::v7(now_us());
  const auto inserted = co_await insert(service, *asked, id, payee.user_id, **key, hash);
  if (!inserted) co_return fail(inserted.error());
  if (!*inserted) {
    // The same request came twice at once, and this is the second: it gets the first one's answer.
    first = co_await replay(service, payee, **key, hash);
    if (!first) co_return fail(std::move(first.error()));
    if (*first) co_return std::move(**first);
  }
  const auto made = co_await find_mandate(service, payee, id);
  if (!made) co_return fail(made.error());
  co_return created_mandate(*made, service.config.currency);
}

}  // namespace instapay::transaction
