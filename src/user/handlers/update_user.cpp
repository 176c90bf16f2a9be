#include "queries.h"
#include "user/fields.h"
#include "user/handlers/handlers.h"

namespace instapay::user {
namespace {

constexpr std::string_view kStatuses[] = {"active", "frozen", "closed"};
constexpr std::string_view kRoles[] = {"user", "operator", "auditor"};

// What is absent or null stays as it is.
struct Changes {
  std::optional<std::string> display_name, username, role;
  std::optional<ledger::AccountStatus> status;

  bool of_operators() const { return role || status; }
};

Result<Changes> read_changes(const Json& body) {
  Fields fields(body);
  Changes changes;
  changes.display_name = read_display_name(fields, "displayName");
  changes.username = read_optional_username(fields, "username");
  changes.role = fields.choice("role", kRoles);
  if (const auto status = fields.choice("status", kStatuses))
    changes.status = parse_status(*status);
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
  // Or the last operator could lock everybody out.
  if (request.principal->user_id == user_id)
    return fail(Code::forbidden, "Your own role and status are changed by another operator.");
  return {};
}

Error explain(const pg::Failure& failure) {
  if (failure.constraint != "users_username_key") return pg::to_error(failure);
  Error error{Code::username_taken, "Somebody else has this username."};
  error.fields.push_back({"username", "username_taken", error.detail});
  return error;
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

  pg::Params params;
  params.add(*id).add(changes->display_name).add(changes->username).add(changes->role);
  if (changes->status) {
    params.add_int16(static_cast<std::int16_t>(*changes->status));
  } else {
    params.add_null();
  }
  auto rows = co_await service.db.query(queries::user::update_user, std::move(params));
  if (!rows) co_return fail(explain(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  if (changes->of_operators()) co_await service.revocations.catch_up();
  co_return user_response(200, read_user(*rows, 0), service.config.currency);
}

}  // namespace instapay::user
