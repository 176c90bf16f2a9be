#include <fmt/format.h>

#include "core/limits.h"
#include "core/time.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/rules.h"
#include "user/staff_actions.h"

namespace instapay::user {
namespace {

// Each of those who change one account at once makes the others read it again.
constexpr int kAttemptsMax = 5 * kConflictRetriesMax;

Result<void> authorize(const net::Request& request, const Uuid& user_id,
                       const AccountChanges& changes) {
  if (changes.of_profile())
    if (auto allowed = require_self_or(Permission::names, request, user_id); !allowed)
      return allowed;
  if (!changes.of_staff()) return {};
  if (!request.principal->is_staff())
    return fail(Code::forbidden, "Only staff change a role or a status.");
  return require_step_up(request.principal->factors, now_us() / kSecond_us);
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
Task<Result<void>> change_profile(Service& service, const Uuid& id, const AccountChanges& changes,
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

bool needs_approval(const Config& config, const AccountChanges& changes) {
  return config.approvals && (changes.role || changes.rest_to);
}

Hash128 hash_of(const net::Request& request, const AccountChanges& changes) {
  HashInput canonical = net::canonical_request(request);
  canonical.text(changes.display_name.value_or("")).text(changes.username.value_or(""));
  canonical.text(changes.role.value_or("")).text(changes.rest_to.value_or(""));
  canonical.text(changes.status ? ledger::name_of(*changes.status) : "").text(changes.reason);
  return net::request_hash(canonical);
}

// One thing at a time: who approves it decides on all of it.
Task<Result<net::Response>> propose_change(Service& service, net::Request& request, User user,
                                           AccountChanges changes,
                                           std::optional<ledger::AccountId> rest_payee,
                                           std::optional<Hash128> key) {
  if (changes.of_profile() || (changes.role && changes.status))
    co_return fail_field(changes.of_profile() ? "displayName" : "status", "not_allowed",
                         "What needs a second operator is asked for by itself.");
  Proposal proposal{.kind = changes.role ? ApprovalKind::role : ApprovalKind::closing,
                    .subject = user.id,
                    .reason = changes.reason,
                    .key = key,
                    .request_hash = hash_of(request, changes)};
  JsonWriter json(proposal.payload);
  json.begin_object();
  if (changes.role) json.field("role", *changes.role);
  if (rest_payee) {
    json.field("status", "closed").field("restTo", rest_payee->uuid);
    if (*rest_payee != ledger::kSettlementAccount) proposal.beneficiary = rest_payee->uuid;
  }
  json.field("reason", changes.reason).key("before").begin_object();
  if (changes.role) json.field("role", name_of(user.role));
  if (rest_payee) {
    json.field("status", ledger::name_of(user.status)).key("balance");
    json.amount(user.balance_minor, service.config.currency);
  }
  json.end_object().end_object();
  co_return co_await answer_proposed(service, request, std::move(proposal));
}

// Until the user is as read: somebody else may change role or status at the same moment.
Task<Result<void>> change_at_once(Service& service, net::Principal who, User user,
                                  AccountChanges changes,
                                  std::optional<ledger::AccountId> rest_payee) {
  const bool may_all = who.may(Permission::freeze) && who.may(Permission::close);
  for (int attempts = 0;; ++attempts) {
    changes.only_status_as_read = !may_all || user.role != Role::user;
    if (auto allowed = may_change(who, user, changes); !allowed) co_return allowed;
    const auto done =
        co_await change_account(service, user, changes, rest_payee, Actor{who.user_id});
    if (!done) co_return fail(done.error());
    if (*done) co_return Result<void>();
    if (attempts == kAttemptsMax)
      co_return fail(Code::overloaded, "Others change this account just now; ask again.");
    auto now = co_await find_user(service.db, user.id);
    if (!now) co_return fail(std::move(now.error()));
    user = std::move(*now);
  }
}

}  // namespace

net::Reply update_user(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  auto changes = read_account_changes(*body);
  if (!changes) co_return fail(std::move(changes.error()));
  const auto key = net::idempotency_key(request);
  if (!key) co_return fail(key.error());
  if (!changes->of_profile() && !changes->of_staff())
    if (auto allowed = require_self_or(Permission::names, request, *id); !allowed)
      co_return fail(std::move(allowed.error()));
  if (auto allowed = authorize(request, *id, *changes); !allowed)
    co_return fail(std::move(allowed.error()));

  auto user = co_await find_user(service.db, *id);
  if (!user) co_return fail(std::move(user.error()));
  const net::Principal& who = *request.principal;
  if (changes->of_staff()) {
    auto earlier = co_await earlier_proposal(service, request, *key, hash_of(request, *changes));
    if (!earlier) co_return fail(std::move(earlier.error()));
    if (*earlier) co_return std::move(**earlier);
    if (auto allowed = may_change(who, *user, *changes); !allowed)
      co_return fail(std::move(allowed.error()));
  }
  if (user->username.starts_with(kErasedPrefix))
    co_return fail(Code::account_closed, "The user was erased.");
  const auto rest_payee = co_await find_rest_payee(service, *id, *changes);
  if (!rest_payee) co_return fail(rest_payee.error());
  if (*rest_payee && (*rest_payee)->uuid == who.user_id)
    co_return fail(Code::forbidden, "What pays your own wallet is done by another operator.");
  if (changes->of_staff() && needs_approval(service.config, *changes))
    co_return co_await propose_change(service, request, *user, *changes, *rest_payee, *key);
  const auto by_operator = who.user_id == *id ? std::nullopt : std::optional(who.user_id);
  if (changes->of_profile())
    if (auto changed = co_await change_profile(service, *id, *changes, by_operator); !changed)
      co_return fail(std::move(changed.error()));
  if (changes->of_staff())
    if (auto done = co_await change_at_once(service, who, *user, *changes, *rest_payee); !done)
      co_return fail(std::move(done.error()));
  user = co_await find_user(service.db, *id);
  if (!user) co_return fail(std::move(user.error()));
  co_return user_response(200, *user, service.config.currency);
}

}  // namespace instapay::user
