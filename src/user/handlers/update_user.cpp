#include <fmt/format.h>

#include "core/limits.h"
#include "core/time.h"
#include "ledger/store/pg_prelude.h"
#include "queries.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"
#include "user/rules.h"

namespace instapay::user {
namespace {

constexpr std::string_view kStatuses[] = {"active", "frozen", "closed"};
constexpr std::string_view kRoles[] = {"user", "operator", "auditor"};

// What is absent or null stays as it is.
struct Changes {
  std::optional<std::string> display_name, username, role;
  std::optional<ledger::AccountStatus> status;
  std::optional<std::string> rest_to;  // where the money of a wallet goes that is closed
  std::string reason;                  // of operators' changes

  bool of_profile() const { return display_name || username; }
  bool of_operators() const { return role || status || rest_to; }
};

Result<Changes> read_changes(const Json& body) {
  Fields fields(body);
  Changes changes;
  changes.display_name = read_display_name(fields, "displayName");
  changes.username = read_optional_username(fields, "username");
  changes.role = fields.choice("role", kRoles);
  if (const auto status = fields.choice("status", kStatuses))
    changes.status = ledger::parse_account_status(*status);
  changes.reason =
      fields.optional_text("reason", {.min_chars = 0, .max_chars = kNoteMax_chars}).value_or("");
  changes.rest_to = fields.optional_text("restTo", {.max_chars = kEmailMax_bytes});
  if (changes.rest_to && changes.status != ledger::AccountStatus::closed)
    fields.add_error("restTo", "not_allowed", "restTo goes with the status closed.");
  if (body.kind == Json::Kind::object && body.members.empty())
    fields.add_error("body", "required", "Send at least one field to change.");
  if (auto error = fields.finish()) return fail(std::move(*error));
  return changes;
}

Result<void> authorize(const net::Request& request, const Uuid& user_id, const Changes& changes) {
  if (auto allowed = require_self_or_operator(request, user_id); !allowed) return allowed;
  if (!changes.of_operators()) return {};
  if (!request.principal->is_operator())
    return fail(Code::forbidden, "Only operators change a role or a status.");
  if (auto proven = require_step_up(request.principal->factors, now_us() / kSecond_us); !proven)
    return proven;
  // Or the last operator could lock everybody out.
  if (request.principal->user_id == user_id)
    return fail(Code::forbidden, "Your own role and status are changed by another operator.");
  return {};
}

Error explain(const pg::Failure& failure) {
  const bool taken =
      failure.constraint == "users_username_key" || failure.constraint == kReservedConstraint;
  if (!taken) return pg::to_error(failure);
  Error error{Code::username_taken, std::string(kUsernameTaken)};
  error.fields.push_back({"username", "username_taken", error.detail});
  return error;
}

Task<Error> too_many_renames(Service& service, const Uuid& id) {
  Error error{Code::rename_limit_exceeded,
              fmt::format("A username can be changed {} times in {} days.", kRenamesMax,
                          kRenamePeriod_days)};
  const auto rows =
      co_await service.db.query(queries::user::find_next_rename, pg::Params().add(id));
  if (!rows) co_return pg::to_error(rows.error());
  if (!rows->empty()) error.bounds = Bounds{.resets_us = rows->time_us(0, 0)};
  co_return error;
}

// `by_operator`: who changes somebody else's names. The statement asks again for the status: the
// account may have been frozen since it was read.
Task<Result<void>> change_profile(Service& service, const Uuid& id, const Changes& changes,
                                  std::optional<Uuid> by_operator) {
  pg::Params params;
  params.add(id).add(changes.display_name).add(changes.username).add(by_operator);
  auto rows = co_await service.db.query(queries::user::update_user, std::move(params));
  if (!rows && rows.error().constraint == kRenameLimitConstraint)
    co_return fail(co_await too_many_renames(service, id));
  if (!rows) co_return fail(explain(rows.error()));
  if (!rows->empty()) co_return Result<void>();
  const auto user = co_await find_user(service.db, id);
  if (!user) co_return fail(user.error());
  if (user->status == ledger::AccountStatus::frozen)
    co_return fail(Code::account_frozen, "A frozen account's names cannot be changed.");
  co_return fail(Code::account_closed, "The account is closed.");
}

// Where the rest of a closed wallet goes: the settlement account, whose id is named (it was paid
// out), or the wallet of somebody, by id, e-mail address or username.
Task<Result<std::optional<ledger::AccountId>>> find_rest_payee(Service& service,
                                                               const Uuid& operator_id,
                                                               const Uuid& closing,
                                                               const Changes& changes) {
  if (!changes.rest_to) co_return std::nullopt;
  const auto id = Uuid::parse(*changes.rest_to);
  if (id == ledger::kSettlementAccount.uuid) co_return ledger::kSettlementAccount;
  pg::Params params;
  params.add(id).add(normalize_email(*changes.rest_to)).add(normalize_username(*changes.rest_to));
  const auto rows = co_await service.db.query(queries::user::find_rest_payee, std::move(params));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::payee_not_found, "Nobody is called so.");
  const Uuid payee = rows->uuid(0, 0);
  if (payee == closing)
    co_return fail_field("restTo", "not_allowed", "The money goes to another wallet.");
  if (payee == operator_id)
    co_return fail(Code::forbidden, "What pays your own wallet is done by another operator.");
  co_return ledger::AccountId{payee};
}

// All that the wallet holds when its turn comes.
ledger::Order rest_order(const Uuid& operator_id, const User& user, const Changes& changes,
                         const ledger::AccountId& payee) {
  ledger::Order order;
  order.payer = {user.id};
  order.payee = payee;
  order.amount = ledger::kAllThatRemains;
  order.kind = ledger::EntryKind::adjustment;
  order.actor = operator_id;
  order.note = changes.reason;
  return order;
}

// Why an atomic submission was refused: what its other orders say is only that.
const ledger::Refusal* why_refused(const ledger::Outcomes& outcomes) {
  const ledger::Refusal* why = nullptr;
  for (const ledger::Outcome& outcome : outcomes)
    if (!outcome && (why == nullptr || why->code == Code::batch_rejected)) why = &outcome.error();
  return why;
}

Error explain(const ledger::Refusal& refusal, Currency currency) {
  Error error = ledger::to_error(refusal, currency);
  if (refusal.code == Code::balance_not_zero) error.detail += " Say in restTo where it goes.";
  return error;
}

// Status and role, through the ledger: the change, the entry that tells of it, and where the money
// of a closed wallet goes are one transaction.
Task<Result<bool>> control(Service& service, const Uuid& operator_id, const User& user,
                           const Changes& changes,
                           const std::optional<ledger::AccountId>& rest_payee) {
  ledger::Order order;
  order.payer = {user.id};
  order.kind = ledger::EntryKind::control;
  order.actor = operator_id;
  order.note = changes.reason;
  order.control.status = changes.status;
  const std::string_view before = name_of(user.role);
  const std::string after = changes.role.value_or(std::string(before));
  if (after != before)
    order.control.change = fmt::format(R"("role":{{"before":"{}","after":"{}"}})", before, after);

  auto submission = std::make_unique<ledger::Submission>();
  pg::Params params;
  params.add(user.id).add(before).add(after);
  submission->prelude =
      std::make_unique<ledger::PgPrelude>(queries::user::change_role, std::move(params));
  submission->atomic = true;
  if (rest_payee) submission->orders.push_back(rest_order(operator_id, user, changes, *rest_payee));
  submission->orders.push_back(std::move(order));
  const auto outcomes = co_await service.ledger.submit(std::move(submission));
  const ledger::Refusal* refusal = why_refused(outcomes);
  if (refusal != nullptr && refusal->constraint == "changed_meanwhile") co_return false;
  if (refusal != nullptr) co_return fail(explain(*refusal, service.config.currency));
  co_await service.revocations.catch_up();
  co_return true;
}

}  // namespace

net::Reply update_user(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto changes = read_changes(*body);
  if (!changes) co_return fail(std::move(changes.error()));
  if (auto allowed = authorize(request, *id, *changes); !allowed)
    co_return fail(std::move(allowed.error()));

  auto user = co_await find_user(service.db, *id);
  if (!user) co_return fail(std::move(user.error()));
  if (user->username.starts_with(kErasedPrefix))
    co_return fail(Code::account_closed, "The user was erased.");
  const Uuid& actor = request.principal->user_id;
  const auto by_operator = actor == *id ? std::nullopt : std::optional(actor);
  const auto rest_payee = co_await find_rest_payee(service, actor, *id, *changes);
  if (!rest_payee) co_return fail(rest_payee.error());
  if (changes->of_profile())
    if (auto changed = co_await change_profile(service, *id, *changes, by_operator); !changed)
      co_return fail(std::move(changed.error()));
  for (int attempts = 0; changes->of_operators(); ++attempts) {
    auto done = co_await control(service, request.principal->user_id, *user, *changes, *rest_payee);
    if (!done) co_return fail(std::move(done.error()));
    if (*done || attempts == kConflictRetriesMax) break;
    user = co_await find_user(service.db, *id);  // somebody else changed the role just now
    if (!user) co_return fail(std::move(user.error()));
  }
  user = co_await find_user(service.db, *id);
  if (!user) co_return fail(std::move(user.error()));
  co_return user_response(200, *user, service.config.currency);
}

}  // namespace instapay::user
