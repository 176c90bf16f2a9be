#pragma once
// A user with their wallet, as the queries of db/queries/user select them.
#include <array>
#include <string>

#include "core/json.h"
#include "core/money.h"
#include "core/role.h"
#include "ledger/domain/account.h"
#include "net/http.h"
#include "pg/pool.h"

namespace instapay::user {

struct User {
  Uuid id;
  std::string username, email, display_name;
  Role role = Role::user;
  ledger::AccountStatus status = ledger::AccountStatus::active;
  std::int64_t balance_minor = 0;
  std::int64_t created_us = 0, updated_us = 0;
};

/// From nine columns: id, username, email, display_name, role, status, balance, created_at,
/// updated_at.
User read_user(const pg::Rows& rows, int row, int first_column = 0);

/// Error: user_not_found.
Task<Result<User>> find_user(pg::Pool& db, const Uuid& id);

/// What a password of theirs may not be made of.
std::array<std::string, 3> own_words(const User& user);

/// The whole user.
void write_user(JsonWriter& json, const User& user, Currency currency);
/// {id, username, displayName}: what strangers may see.
void write_public_user(JsonWriter& json, const User& user);
/// Which of the two depends on who asks.
void write_for(JsonWriter& json, const User& user, bool whole, Currency currency);

net::Response user_response(int status, const User& user, Currency currency);

/// Whether the one who asks is the user or an operator. Error: forbidden.
Result<void> require_self_or_operator(const net::Request& request, const Uuid& user_id);

}  // namespace instapay::user
