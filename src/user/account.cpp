#include "user/account.h"

#include "queries.h"

namespace instapay::user {

User read_user(const pg::Rows& rows, int row, int first_column) {
  const auto column = [&](int i) { return first_column + i; };
  User user;
  user.id = rows.uuid(row, column(0));
  user.username = rows.text(row, column(1));
  user.email = rows.text(row, column(2));
  user.display_name = rows.text(row, column(3));
  user.role = parse_role(rows.text(row, column(4))).value_or(Role::user);
  user.status = static_cast<ledger::AccountStatus>(rows.int64(row, column(5)));
  user.balance_minor = rows.int64(row, column(6));
  user.created_us = rows.time_us(row, column(7));
  user.updated_us = rows.time_us(row, column(8));
  return user;
}

User read_found_user(const pg::Rows& rows, int row) {
  User user = read_user(rows, row);
  user.renamed_us = rows.optional_time_us(row, 9);
  return user;
}

namespace {

// The row of find_user.sql.
Task<Result<pg::Rows>> find_row(pg::Pool& db, const Uuid& id) {
  auto rows = co_await db.query(queries::user::find_user, pg::Params().add(id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  co_return std::move(*rows);
}

}  // namespace

Task<Result<User>> find_user(pg::Pool& db, const Uuid& id) {
  const auto rows = co_await find_row(db, id);
  if (!rows) co_return fail(rows.error());
  User user = read_found_user(*rows, 0);
  user.frozen_by_owner = rows->boolean(0, 12);
  co_return user;
}

Task<Result<User>> find_me(pg::Pool& db, const Uuid& id) {
  const auto rows = co_await find_row(db, id);
  if (!rows) co_return fail(rows.error());
  User user = read_found_user(*rows, 0);
  user.email_verified = rows->boolean(0, 10);
  user.held_minor = rows->int64(0, 11);
  user.frozen_by_owner = rows->boolean(0, 12);
  co_return user;
}

void write_public_members(JsonWriter& json, const User& user) {
  json.field("id", user.id).field("username", user.username);
  json.field("displayName", user.display_name);
  if (user.renamed_us) json.key("renamedAt").time(*user.renamed_us);
}

ledger::Order opening_grant(const Uuid& user, std::int64_t minor) {
  ledger::Order grant;
  grant.payer = ledger::kOpeningAccount;
  grant.payee = {user};
  grant.amount = {minor};
  grant.kind = ledger::EntryKind::opening;
  return grant;
}

std::array<std::string, 3> own_words(const User& user) {
  return {user.username, user.email, user.display_name};
}

void write_user(JsonWriter& json, const User& user, Currency currency) {
  json.begin_object();
  write_public_members(json, user);
  json.field("email", user.email);
  if (user.email_verified) json.field("emailVerified", *user.email_verified);
  json.field("role", name_of(user.role)).field("status", ledger::name_of(user.status));
  if (user.frozen_by_owner && user.status == ledger::AccountStatus::frozen)
    json.field("frozenBy", *user.frozen_by_owner ? "user" : "staff");
  json.key("balance").amount(user.balance_minor, currency);
  if (user.held_minor) {
    json.key("held").amount(*user.held_minor, currency);
    json.key("available").amount(user.balance_minor - *user.held_minor, currency);
  }
  json.field("currency", currency.code);
  json.key("createdAt").time(user.created_us);
  json.key("updatedAt").time(user.updated_us).end_object();
}

net::Response user_response(int status, const User& user, Currency currency) {
  net::Response response{status, "application/json"};
  JsonWriter json(response.body);
  write_user(json, user, currency);
  return response;
}

Result<void> require_self_or(Permission permission, const net::Request& request,
                             const Uuid& user_id) {
  if (request.principal->user_id == user_id || request.principal->may(permission)) return {};
  return fail(Code::forbidden, "Only the user themselves and staff with that right may do this.");
}

}  // namespace instapay::user
