#include <fmt/format.h>

#include <array>

#include "core/fields.h"
#include "core/limits.h"
#include "ledger/store/pg_prelude.h"
#include "queries.h"
#include "user/fields.h"
#include "user/rules.h"
#include "user/staff_actions.h"

namespace instapay::user {
namespace {

constexpr std::string_view kStatuses[] = {"active", "frozen", "closed"};

constexpr auto kRoleNames = [] {
  std::array<std::string_view, kRoles.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = name_of(kRoles[i]);
  return names;
}();

// All that the wallet holds when its turn comes, or just what was approved.
ledger::Order rest_order(const Uuid& actor, const User& user, const AccountChanges& changes,
                         const ledger::AccountId& payee) {
  ledger::Order order;
  order.payer = {user.id};
  order.payee = payee;
  order.amount = changes.rest_minor ? ledger::Amount{*changes.rest_minor} : ledger::kAllThatRemains;
  order.kind = ledger::EntryKind::adjustment;
  order.actor = actor;
  order.note = changes.reason;
  return order;
}

// Only closing and reopening depend on what the status was: who may freeze may not reopen.
bool is_of_closing(const User& user, const AccountChanges& changes) {
  return changes.status == ledger::AccountStatus::closed ||
         user.status == ledger::AccountStatus::closed;
}

}  // namespace

Result<AccountChanges> read_account_changes(const Json& body) {
  Fields fields(body);
  AccountChanges changes;
  changes.display_name = read_display_name(fields, "displayName");
  changes.username = read_optional_username(fields, "username");
  changes.role = fields.choice("role", kRoleNames);
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

Result<void> may_change(const net::Principal& who, const User& user,
                        const AccountChanges& changes) {
  bool allowed = !changes.role || who.may(Permission::roles);
  if (changes.status)
    allowed =
        allowed && who.may(is_of_closing(user, changes) ? Permission::close : Permission::freeze);
  if (changes.rest_to) allowed = allowed && who.may(Permission::money);
  // Who can sign in has their role: closing takes it away, and opening gives it back.
  const bool touches_role =
      changes.status && is_of_closing(user, changes) && user.role != Role::user;
  if (touches_role) allowed = allowed && who.may(Permission::roles);
  if (!allowed) return fail(Code::forbidden, "Your role may not change this.");
  if (touches_role && user.status == ledger::AccountStatus::closed)
    return fail(Code::forbidden, "Make it the role user first: opened, it would be staff again.");
  // Or the last admin could lock everybody out.
  if (who.user_id == user.id && changes.of_staff())
    return fail(Code::forbidden, "Your own role and status are changed by another operator.");
  return {};
}

Task<Result<std::optional<ledger::AccountId>>> find_rest_payee(Service& service, Uuid closing,
                                                               AccountChanges changes) {
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
  co_return ledger::AccountId{payee};
}

Task<Result<bool>> change_account(Service& service, User user, AccountChanges changes,
                                  std::optional<ledger::AccountId> rest_payee, Actor actor) {
  ledger::Order order;
  order.payer = {user.id};
  order.kind = ledger::EntryKind::control;
  order.actor = actor.id;
  order.note = changes.reason;
  order.control.status = changes.status;
  const std::string_view before = name_of(user.role);
  const std::string after = changes.role.value_or(std::string(before));
  if (after != before)
    order.control.change = fmt::format(R"("role":{{"before":"{}","after":"{}"}})", before, after);

  pg::Params params;
  params.add(user.id).add(before).add(after);
  params.add(changes.status == ledger::AccountStatus::closed);
  if (changes.status && changes.only_status_as_read) {
    params.add_int16(static_cast<std::int16_t>(user.status));
  } else {
    params.add_null();
  }
  add_approval(params, actor);
  std::vector<ledger::Order> orders;
  if (rest_payee && changes.rest_minor != 0)
    orders.push_back(rest_order(actor.id, user, changes, *rest_payee));
  orders.push_back(std::move(order));
  const auto outcomes = co_await submit_action(
      service, user.id, actor, std::move(orders),
      std::make_unique<ledger::PgPrelude>(queries::user::change_role, std::move(params)));
  const ledger::Refusal* refusal = why_refused(outcomes);
  if (refusal != nullptr && refusal->constraint == "changed_meanwhile") co_return false;
  if (refusal != nullptr) {
    Error error = explain_action(*refusal, service.config.currency);
    if (refusal->code == Code::balance_not_zero) error.detail += " Say in restTo where it goes.";
    co_return fail(std::move(error));
  }
  co_await service.revocations.catch_up();
  co_return true;
}

}  // namespace instapay::user
