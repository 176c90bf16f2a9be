#pragma once
// Operators are made from the command line or the environment, never over HTTP.
#include <expected>
#include <string>

#include "config/config.h"
#include "pg/connection.h"

namespace instapay::app {

struct NewOperator {
  std::string email;
  std::string username;  // empty: made of the e-mail
  std::string password;
  std::string role = "operator";  // or another one of staff
};

/// Makes the user with a wallet of balance zero. The error is a line for people.
std::expected<void, std::string> create_operator(pg::Connection& connection,
                                                 const NewOperator& account, int bcrypt_cost);

/// For who has lost both phone and recovery codes, once it is sure who asks. Ends all sessions and,
/// where mail is sent, tells the user.
std::expected<void, std::string> remove_factor(pg::Connection& connection, const Config& config,
                                               const std::string& email);

/// Sets the password, ends all sessions and, where mail is sent, tells the user.
std::expected<void, std::string> reset_password(pg::Connection& connection, const Config& config,
                                                const std::string& email,
                                                const std::string& password);

enum class OperatorAccount {
  there,
  not_yet,  // the database is away or not migrated: worth another try
  refused,  // such an account cannot be; the log says why
};

/// Makes the operator of OPERATOR_EMAIL when there is no such user.
OperatorAccount ensure_operator(const Config& config, const std::string& database_url);

}  // namespace instapay::app
