#include "auth/base64url.h"
#include "auth/random.h"
#include "core/email.h"
#include "core/fields.h"
#include "core/time.h"
#include "net/idempotency.h"
#include "queries.h"
#include "transaction/creation.h"
#include "transaction/handlers/handlers.h"
#include "transaction/requests.h"

namespace instapay::transaction {
namespace {

constexpr std::size_t kLinkCode_bytes = 16;
constexpr std::string_view kUses[] = {"once", "many"};

struct NewRequest {
  std::optional<PayeeDirectory::Name> to;  // who is asked; else a link
  std::optional<std::int64_t> amount_minor, expires_us;
  std::string note;
  bool many = false;
};

Result<NewRequest> read_new_request(const Json& body, Currency currency) {
  Fields fields(body);
  NewRequest asked;
  if (const auto to = fields.optional_text("to", {.max_chars = kEmailMax_bytes});
      to && !to->empty())
    asked.to = PayeeDirectory::Name::of_any(*to);
  asked.amount_minor = fields.optional_amount("amount", currency);
  asked.note =
      fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
  asked.many = fields.choice("uses", kUses) == "many";
  if (asked.many && asked.to)
    fields.add_error("uses", "not_allowed", "Who is asked in person is asked to pay once.");
  asked.expires_us = read_request_expiry(fields);
  if (auto error = fields.finish()) return fail(std::move(*error));
  return asked;
}

Hash128 hash_of(const net::Request& request, const NewRequest& asked) {
  HashInput canonical = net::canonical_request(request);
  canonical.text(asked.to ? asked.to->text : "")
      .number(static_cast<std::uint64_t>(asked.amount_minor.value_or(0)), 8);
  canonical.number(static_cast<std::uint64_t>(asked.expires_us.value_or(0)), 8);
  canonical.text(asked.note).number(asked.many ? 1 : 0, 1);
  return net::request_hash(canonical);
}

net::Response created_request(const AskedPayment& asked, const net::Principal& viewer,
                              Currency currency) {
  net::Response response = request_answer(201, asked, viewer, currency);
  response.header("Location", "/api/requests/" + asked.id.to_string());
  return response;
}

std::string_view view(const Hash128& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// The first answer of the key, if it has one: the request as it was when it was made.
Task<Result<std::optional<net::Response>>> replay(Service& service, net::Principal viewer,
                                                  Hash128 key, Hash128 hash) {
  const auto id = co_await find_created(service, queries::transaction::find_request_of_key,
                                        viewer.user_id, key, hash);
  if (!id) co_return fail(id.error());
  if (!*id) co_return std::nullopt;
  auto asked = co_await find_request(service, **id);
  if (!asked) co_return fail(std::move(asked.error()));
  asked->make_new();
  net::Response response = created_request(*asked, viewer, service.config.currency);
  response.header("Idempotent-Replayed", "true");
  co_return response;
}

Task<Result<std::optional<Uuid>>> find_asked(Service& service, const NewRequest& asked,
                                             Uuid payee) {
  if (!asked.to) co_return std::nullopt;
  auto found = co_await service.payees.find(*asked.to);
  if (!found) co_return fail(std::move(found.error()));
  if (!*found) co_return fail(Code::user_not_found, "Nobody here has this name.");
  if (**found == payee) co_return fail(Code::self_transfer, "You cannot ask yourself for money.");
  co_return found;
}

std::string new_code() {
  const auto bytes = auth::random_bytes<kLinkCode_bytes>();
  return auth::base64url_encode(bytes);
}

pg::Params params_of(const NewRequest& asked, const Uuid& id, const Uuid& payee,
                     std::optional<Uuid> payer, const std::optional<Hash128>& key,
                     const Hash128& hash) {
  pg::Params params;
  params.add(id).add(payee).add(payer).add(asked.amount_minor);
  params.add(asked.note.empty() ? std::nullopt : std::optional(asked.note));
  params.add_optional_time(asked.expires_us);
  params.add(payer ? std::nullopt : std::optional(new_code()));
  params.add(key ? std::optional(view(*key)) : std::nullopt);
  params.add(key ? std::optional(view(hash)) : std::nullopt);
  return params;
}

// Whether the request of that id was made: false when another with its key was first. A refusal may
// rest on whose an address was before they were erased, so it is asked about once more then.
Task<Result<bool>> insert(Service& service, NewRequest asked, Uuid id, Uuid payee,
                          std::optional<Hash128> key, Hash128 hash) {
  for (bool again = false;; again = true) {
    const auto payer = co_await find_asked(service, asked, payee);
    if (!payer) co_return fail(payer.error());
    const auto inserted = co_await service.db.query(queries::transaction::insert_request,
                                                    params_of(asked, id, payee, *payer, key, hash));
    if (inserted) co_return inserted->affected() > 0;
    if (again || inserted.error().constraint != "requests_allowed")
      co_return fail(explain_new_request(inserted.error()));
    service.payees.forget(asked.to->text);
  }
}

}  // namespace

net::Reply create_request(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto key = net::idempotency_key(request);
  if (!key) co_return fail(std::move(key.error()));
  if (*key) **key = creation_key(*request.principal, **key);
  auto asked = read_new_request(*body, service.config.currency);
  if (!asked) co_return fail(std::move(asked.error()));
  const net::Principal& principal = *request.principal;
  const Hash128 hash = hash_of(request, *asked);
  if (*key) {
    auto first = co_await replay(service, principal, **key, hash);
    if (!first) co_return fail(std::move(first.error()));
    if (*first) co_return std::move(**first);
  }
  const Uuid id = asked->many ? Uuid::v8(now_us()) : Uuid::v7(now_us());
  const auto inserted = co_await insert(service, *asked, id, principal.user_id, *key, hash);
  if (!inserted) co_return fail(inserted.error());
  if (!*inserted) {
    // The same request came twice at once.
    auto first = co_await replay(service, principal, key->value(), hash);
    if (!first) co_return fail(std::move(first.error()));
    if (*first) co_return std::move(**first);
  }
  auto made = co_await find_request(service, id);
  if (!made) co_return fail(std::move(made.error()));
  co_return created_request(*made, principal, service.config.currency);
}

}  // namespace instapay::transaction
