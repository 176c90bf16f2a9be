#pragma once
// A user with their wallet, as the queries of db/queries/user select them.
#include <array>
#include <optional>
#include <string>

#include "core/json.h"
#include "core/money.h"
#include "core/role.h"
#include "ledger/domain/account.h"
#include "ledger/domain/transfer.h"
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
  /// Whether the user froze it, where it is frozen; only find_user reads it.
  std::optional<bool> frozen_by_owner;
  /// When a name was last changed; only find_user and the look-ups read it.
  std::optional<std::int64_t> renamed_us;
  /// Whether the address was shown to be theirs; only find_me reads it.
  std::optional<bool> email_verified;
  /// Of the balance, what is set aside for others; only find_me reads it.
  std::optional<std::int64_t> held_minor;
};

/// From nine columns: id, username, email, display_name, role, status, balance, created_at,
/// updated_at.
User read_user(const pg::Rows& rows, int row, int first_column = 0);

/// The same, and from the column after them when a name was last changed.
User read_found_user(const pg::Rows& rows, int row);

/// Error: user_not_found.
Task<Result<User>> find_user(pg::Pool& db, const Uuid& id);

/// The same, with what only they are told. Error: user_not_found.
Task<Result<User>> find_me(pg::Pool& db, const Uuid& id);

/// What a password of theirs may not be made of.
std::array<std::string, 3> own_words(const User& user);

/// What every new wallet is given.
ledger::Order opening_grant(const Uuid& user, std::int64_t minor);

/// The whole user.
void write_user(JsonWriter& json, const User& user, Currency currency);
/// The members that strangers may see: id, username, displayName and, once renamed, renamedAt. The
/// caller opens and closes the object.
void write_public_members(JsonWriter& json, const User& user);

net::Response user_response(int status, const User& user, Currency currency);

/// Whether the one who asks is the user, or staff who may do that. Error: forbidden.
Result<void> require_self_or(Permission permission, const net::Request& request,
                             const Uuid& user_id);

}  // namespace instapay::user
