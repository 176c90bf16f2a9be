#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "core/email.h"
#include "core/time.h"
#include "net/idempotency.h"
#include "net/middleware.h"
#include "queries.h"
#include "transaction/creation.h"
#include "transaction/handlers/handlers.h"
#include "transaction/render.h"
#include "transaction/split_amounts.h"
#include "transaction/splits.h"

namespace instapay::transaction {
namespace {

// What somebody is to take: of one that is equal nothing is said.
struct NewPart {
  std::int32_t shares = 0;
  std::int64_t amount_minor = 0;
};
struct NewPerson {
  PayeeDirectory::Name name;
  NewPart part;
};
struct NewSplit {
  std::optional<std::int64_t> amount_minor;  // nullopt: that of the payment
  std::optional<std::int64_t> expires_us;
  std::optional<Uuid> payment;
  std::string note;
  SplitMode mode = SplitMode::equal;
  std::optional<NewPart> own;
  std::vector<NewPerson> people;
};

NewPart read_part(Fields& fields, SplitMode mode, std::string_view shares, std::string_view amount,
                  Currency currency) {
  NewPart part;
  if (mode == SplitMode::shares) {
    const auto given = fields.optional_integer(shares, 1, kSplitSharesMax);
    if (!given && !fields.has_error(shares))
      fields.add_error(shares, "required", fmt::format("{} is required by shares.", shares));
    part.shares = given.value_or(1);
  } else {
    fields.refuse(shares, "not_allowed", "Only what is split by shares has shares.");
    part.shares = mode == SplitMode::equal ? 1 : 0;
  }
  if (mode == SplitMode::amounts) {
    part.amount_minor = fields.amount(amount, currency);
  } else {
    fields.refuse(amount, "not_allowed", "Only what is split by amounts says them.");
  }
  return part;
}

NewPerson read_person(Fields& fields, SplitMode mode, Currency currency) {
  NewPerson person;
  person.name = PayeeDirectory::Name::of_any(fields.text("to", {.max_chars = kEmailMax_bytes}));
  person.part = read_part(fields, mode, "shares", "amount", currency);
  return person;
}

Result<NewSplit> read_new_split(const Json& body, Currency currency) {
  Fields fields(body);
  NewSplit asked;
  asked.amount_minor = fields.optional_amount("amount", currency);
  asked.note =
      fields.optional_text("note", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
  if (const auto payment = fields.optional_text("payment", {.max_chars = 36})) {
    asked.payment = Uuid::parse(*payment);
    if (!asked.payment && !fields.has_error("payment"))
      fields.add_error("payment", "invalid_format", "payment must be the id of a transaction.");
  }
  if (!asked.amount_minor && !asked.payment && !fields.has_error("amount") &&
      !fields.has_error("payment"))
    fields.add_error("amount", "required", "amount is required where no payment is split.");
  const auto mode = std::ranges::find(kSplitModes, fields.choice("mode", kSplitModes).value_or(""));
  if (mode != std::end(kSplitModes))
    asked.mode = static_cast<SplitMode>(mode - std::begin(kSplitModes));
  if (fields.flag("includeMe", false)) {
    asked.own = read_part(fields, asked.mode, "myShares", "myAmount", currency);
  } else {
    for (const std::string_view name : {"myShares", "myAmount"})
      fields.refuse(name, "not_allowed", "Only with includeMe you have a part of your own.");
  }
  asked.expires_us = read_request_expiry(fields);
  const Json* people = fields.array("people", 1, kSplitPeopleMax);
  FieldErrors errors;
  fields.finish_into(errors);
  for (std::size_t i = 0; people != nullptr && i < people->items.size(); ++i) {
    Fields item(people->items[i], fmt::format("people[{}].", i));
    asked.people.push_back(read_person(item, asked.mode, currency));
    item.finish_into(errors);
  }
  if (!errors.empty()) return fail(validation_error(std::move(errors)));
  return asked;
}

void add_part(HashInput& canonical, const NewPart& part) {
  canonical.number(static_cast<std::uint64_t>(part.shares), 4);
  canonical.number(static_cast<std::uint64_t>(part.amount_minor), 8);
}

Hash128 hash_of(const net::Request& request, const NewSplit& asked) {
  HashInput canonical = net::canonical_request(request);
  canonical.number(static_cast<std::uint64_t>(asked.amount_minor.value_or(0)), 8);
  canonical.number(static_cast<std::uint64_t>(asked.expires_us.value_or(0)), 8);
  canonical.bytes(asked.payment.value_or(Uuid{}).bytes).text(asked.note);
  canonical.number(static_cast<std::uint64_t>(asked.mode), 2).number(asked.own ? 1 : 0, 1);
  add_part(canonical, asked.own.value_or(NewPart{}));
  canonical.number(asked.people.size(), 8);
  for (const auto& [name, part] : asked.people) {
    canonical.text(name.text);
    add_part(canonical, part);
  }
  return net::request_hash(canonical);
}

net::Response created_split(const Split& split, const net::Principal& viewer, Currency currency) {
  net::Response response = split_answer(201, split, viewer, currency);
  response.header("Location", "/api/splits/" + split.rows.front().id.to_string());
  return response;
}

// The first answer of the key, if it has one: the split as it was when it was made.
Task<Result<std::optional<net::Response>>> replay(Service& service, net::Principal viewer,
                                                  Hash128 key, Hash128 hash) {
  const auto id = co_await find_created(service, queries::transaction::find_split_of_key,
                                        viewer.user_id, key, hash);
  if (!id) co_return fail(id.error());
  if (!*id) co_return std::nullopt;
  auto split = co_await find_split(service, viewer, **id);
  if (!split) co_return fail(std::move(split.error()));
  for (SplitPerson& person : split->people) person.asked.make_new();
  net::Response response = created_split(*split, viewer, service.config.currency);
  response.header("Idempotent-Replayed", "true");
  co_return response;
}

// The sum that is split: what is asked for, or the whole of the payment.
Task<Result<std::int64_t>> find_total(Service& service, const NewSplit& asked,
                                      const net::Principal& viewer) {
  if (!asked.payment) co_return *asked.amount_minor;
  const auto& machine = viewer.machine;
  if (machine && !machine->scopes.has(Scope::payments_read))
    co_return fail(Code::insufficient_scope, "A payment is split with the scope payments:read.");
  const auto rows = co_await service.db.query(queries::transaction::find_transfer,
                                              pg::Params().add(*asked.payment));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty() || !is_side(*rows, viewer.user_id))
    co_return fail(Code::transaction_not_found, "There is no such transaction.");
  const auto kind = static_cast<ledger::EntryKind>(rows->int64(0, 4));
  if (rows->uuid(0, 1) != viewer.user_id ||
      (kind != ledger::EntryKind::transfer && kind != ledger::EntryKind::capture))
    co_return fail_field("payment", "not_allowed", "Only a payment that you made is split.");
  const std::int64_t paid_minor = -rows->int64(0, 3);
  if (asked.amount_minor.value_or(paid_minor) > paid_minor)
    co_return fail_field(
        "amount", "out_of_range",
        fmt::format("The payment was {}.", format_amount(paid_minor, service.config.currency)));
  co_return asked.amount_minor.value_or(paid_minor);
}

// An error of the people at some places of the list.
Error error_of_people(Code code, std::string detail, std::string_view field_code,
                      const std::vector<std::size_t>& places) {
  Error error{code, std::move(detail)};
  for (const std::size_t place : places)
    error.fields.push_back(
        {fmt::format("people[{}].to", place), std::string(field_code), error.detail});
  return error;
}

Task<Result<std::vector<Uuid>>> find_people(Service& service, const NewSplit& asked, Uuid payee) {
  std::vector<PayeeDirectory::Name> names;
  for (const NewPerson& person : asked.people) names.push_back(person.name);
  const auto found = co_await service.payees.find(names);
  if (!found) co_return fail(found.error());
  std::vector<Uuid> people;
  std::set<Uuid> seen;
  std::vector<std::size_t> unknown, own, twice;
  for (std::size_t i = 0; i < found->size(); ++i) {
    people.push_back((*found)[i].value_or(Uuid{}));
    if (!(*found)[i]) {
      unknown.push_back(i);
    } else if (people.back() == payee) {
      own.push_back(i);
    } else if (!seen.insert(people.back()).second) {
      twice.push_back(i);
    }
  }
  if (!unknown.empty())
    co_return fail(error_of_people(Code::user_not_found, "Nobody here has this name.",
                                   "payee_not_found", unknown));
  if (!own.empty())
    co_return fail(error_of_people(Code::self_transfer,
                                   "You cannot ask yourself for money; includeMe counts you in.",
                                   "self_transfer", own));
  if (!twice.empty())
    co_return fail(
        error_of_people(Code::validation_failed, "A person is asked once.", "not_allowed", twice));
  co_return people;
}

// What everybody takes: who splits, if they do, and then the people.
struct Amounts {
  std::optional<std::int64_t> own_minor;
  std::vector<std::int64_t> people_minor;
};

Result<Amounts> divide(const NewSplit& asked, std::int64_t total, const Uuid& payee,
                       const std::vector<Uuid>& people, Currency currency) {
  std::vector<Portion> portions;
  std::vector<std::int64_t> amounts;
  const auto add = [&](const Uuid& person, const NewPart& part, bool is_own) {
    portions.push_back({person, is_own, part.shares});
    amounts.push_back(part.amount_minor);
  };
  if (asked.own) add(payee, *asked.own, true);
  for (std::size_t i = 0; i < people.size(); ++i) add(people[i], asked.people[i].part, false);
  if (asked.mode != SplitMode::amounts) {
    amounts = amounts_of(total, portions);
    if (std::ranges::find(amounts, 0) != amounts.end())
      return fail_field("amount", "out_of_range",
                        fmt::format("{} is too little: somebody would have no part of it.",
                                    format_amount(total, currency)));
  } else if (const Total sum = std::reduce(amounts.begin(), amounts.end(), Total{0});
             sum != total) {
    Error error{
        Code::split_amounts_mismatch,
        fmt::format("The amounts add up to {}, which is {} too {}.", format_amount(sum, currency),
                    format_amount(sum < total ? total - sum : sum - total, currency),
                    sum < total ? "little" : "much")};
    error.bounds = Bounds{.limit = format_amount(total, currency),
                          .left = format_amount(total - sum, currency)};
    return fail(std::move(error));
  }
  Amounts divided;
  if (asked.own) divided.own_minor = amounts.front();
  divided.people_minor.assign(amounts.begin() + (asked.own ? 1 : 0), amounts.end());
  return divided;
}

pg::Params params_of(const NewSplit& asked, const Uuid& id, const Uuid& payee,
                     const std::vector<Uuid>& people, const Amounts& amounts, const Hash128& key,
                     const Hash128& hash) {
  std::vector<Uuid> requests;
  std::vector<std::int32_t> shares;
  for (const NewPerson& person : asked.people) {
    requests.push_back(Uuid::v7(now_us()));
    shares.push_back(person.part.shares);
  }
  pg::Params params;
  params.add(id).add(payee).add(asked.payment);
  params.add_int16(static_cast<std::int16_t>(asked.mode)).add(amounts.own_minor);
  params.add(asked.own && asked.mode != SplitMode::amounts ? std::optional(asked.own->shares)
                                                           : std::nullopt);
  params.add_bytes(key).add_bytes(hash);
  params.add_array(requests).add_array(people).add_array(amounts.people_minor).add_array(shares);
  params.add(asked.note.empty() ? std::nullopt : std::optional(asked.note));
  params.add_optional_time(asked.expires_us);
  return params;
}

// Who of the people does not let the payee ask them.
Task<Error> explain_unwilling(Service& service, Uuid payee, std::vector<Uuid> people,
                              Error refusal) {
  const auto rows = co_await service.db.query(queries::transaction::find_unwilling,
                                              pg::Params().add(payee).add_array(people));
  if (!rows) co_return pg::to_error(rows.error());
  std::vector<std::size_t> places;
  for (const auto& row : *rows) places.push_back(static_cast<std::size_t>(row.place - 1));
  co_return error_of_people(refusal.code, std::move(refusal.detail), "not_allowed", places);
}

// Whether the split of that id was made: false when another with its key was first. As with one
// request, a refusal is asked about once more.
Task<Result<bool>> insert(Service& service, NewSplit asked, std::int64_t total, Uuid id, Uuid payee,
                          Hash128 key, Hash128 hash) {
  for (bool again = false;; again = true) {
    const auto people = co_await find_people(service, asked, payee);
    if (!people) co_return fail(people.error());
    const auto amounts = divide(asked, total, payee, *people, service.config.currency);
    if (!amounts) co_return fail(amounts.error());
    const auto inserted =
        co_await service.db.query(queries::transaction::insert_split,
                                  params_of(asked, id, payee, *people, *amounts, key, hash));
    if (inserted) co_return inserted->affected() > 0;
    const bool unwilling = inserted.error().constraint == "requests_allowed";
    if (!unwilling) co_return fail(explain_new_request(inserted.error()));
    if (again)
      co_return fail(co_await explain_unwilling(service, payee, *people,
                                                explain_new_request(inserted.error())));
    for (const NewPerson& person : asked.people) service.payees.forget(person.name.text);
  }
}

}  // namespace

net::Reply create_split(Service& service, net::Request& request) {
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  const auto sent_key = net::idempotency_key(request, net::KeyRule::required);
  if (!sent_key) co_return fail(sent_key.error());
  const auto asked = read_new_split(*body, service.config.currency);
  if (!asked) co_return fail(asked.error());
  // Many requests count as many.
  if (auto charged = net::charge(request, asked->people.size() - 1); !charged)
    co_return fail(std::move(charged.error()));
  const net::Principal& viewer = *request.principal;
  const Hash128 key = creation_key(viewer, **sent_key);
  const Hash128 hash = hash_of(request, *asked);
  for (bool again = false;; again = true) {
    auto first = co_await replay(service, viewer, key, hash);
    if (!first) co_return fail(std::move(first.error()));
    if (*first) co_return std::move(**first);
    if (again) co_return fail(Code::overloaded, "The key is being used just now; ask again.");
    const auto total = co_await find_total(service, *asked, viewer);
    if (!total) co_return fail(total.error());
    const Uuid id = Uuid::v7(now_us());
    const auto inserted = co_await insert(service, *asked, *total, id, viewer.user_id, key, hash);
    if (!inserted) co_return fail(inserted.error());
    // The same split came twice at once, and this is the second: it gets the first one's answer.
    if (!*inserted) continue;
    const auto made = co_await find_split(service, viewer, id);
    if (!made) co_return fail(made.error());
    co_return created_split(*made, viewer, service.config.currency);
  }
}

}  // namespace instapay::transaction
