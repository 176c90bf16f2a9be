#include "app/operator_account.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "auth/password.h"
#include "core/email.h"
#include "core/text.h"
#include "core/time.h"
#include "queries/user.h"
#include "telemetry/log.h"
#include "user/rules.h"

namespace instapay::app {
namespace {

std::expected<std::string, std::string> hash(const std::string& password,
                                             std::span<const std::string> own_words, int cost) {
  const auto normal = auth::accept_password(password, own_words);
  if (normal) return auth::hash_password(*normal, cost);
  if (normal.error() == auth::PasswordProblem::too_common)
    return std::unexpected("the password is among those that are guessed first");
  return std::unexpected(
      fmt::format("the password must have at least {} characters and at most {} bytes",
                  auth::kPasswordMin_chars, auth::kPasswordMax_bytes));
}

// The part before the @ when it makes a username, else one that is surely free.
std::string username_for(const std::string& email) {
  const auto name = user::normalize_username(email.substr(0, email.find('@')));
  if (name && !user::is_reserved_username(*name)) return *name;
  return "op-" + Uuid::random().to_string().substr(0, 8);
}

struct Credentials {
  Uuid user;
  std::string username, email, password_hash;
};

std::expected<Credentials, std::string> find_credentials(pg::Connection& connection,
                                                         const std::string& email) {
  const auto rows =
      connection.query(queries::user::find_credentials,
                       pg::Params().add(normalize_email(trim_blanks(email)).value_or(email)));
  if (!rows) return std::unexpected(rows.error().message);
  if (rows->empty()) return std::unexpected("there is no user with the e-mail " + email);
  return Credentials{rows->uuid(0, 0), std::string(rows->text(0, 1)), std::string(rows->text(0, 2)),
                     std::string(rows->text(0, 9))};
}

std::expected<void, std::string> end_sessions(pg::Connection& connection, const Uuid& user) {
  const auto ended =
      connection.query(queries::user::end_sessions, pg::Params().add(user).add_null());
  if (!ended) return std::unexpected(ended.error().message);
  return {};
}

}  // namespace

std::expected<void, std::string> create_operator(pg::Connection& connection,
                                                 const NewOperator& account, int bcrypt_cost) {
  const auto email = normalize_email(trim_blanks(account.email));
  if (!email) return std::unexpected(fmt::format("not an e-mail address: {}", account.email));
  const std::string wanted = account.username.empty() ? username_for(*email) : account.username;
  const auto username = user::normalize_username(wanted);
  if (!username)
    return std::unexpected(
        fmt::format("not a username (3 to 32 of a-z 0-9 _ . -): {}", account.username));
  if (user::is_reserved_username(*username))
    return std::unexpected(fmt::format("the username {} is kept for the platform", *username));
  const auto hashed = hash(account.password, std::array{*username, *email}, bcrypt_cost);
  if (!hashed) return std::unexpected(hashed.error());
  const std::int64_t now = now_us();
  pg::Params params;
  params.add(Uuid::v7(now)).add(*username).add(*email).add(*username).add(*hashed);
  params.add(account.role).add_time(now);
  // No language, no mail, and no grant that waits for one.
  params.add_null().add(false).add(0).add(false);
  const auto made = connection.query(queries::user::register_user, params);
  if (made) return {};
  if (made.error().constraint == "users_email_key")
    return std::unexpected(fmt::format("there is a user with the e-mail {} already", *email));
  if (made.error().constraint == "users_username_key" ||
      made.error().constraint == user::kReservedConstraint)
    return std::unexpected(fmt::format("the username {} is taken", *username));
  return std::unexpected(made.error().message);
}

std::expected<void, std::string> reset_password(pg::Connection& connection, const Config& config,
                                                const std::string& email,
                                                const std::string& password) {
  const auto found = find_credentials(connection, email);
  if (!found) return std::unexpected(found.error());
  const auto hashed = hash(password, std::array{found->username, found->email}, config.bcrypt_cost);
  if (!hashed) return std::unexpected(hashed.error());
  pg::Params params;
  params.add(found->user).add(found->password_hash).add(*hashed).add_null();
  params.add(config.sends_mails()).add(Uuid::v7(now_us()));
  const auto changed = connection.query(queries::user::change_password, params);
  if (!changed) return std::unexpected(changed.error().message);
  if (changed->empty()) return std::unexpected("the password has just been changed; try again");
  // Of logins with the old password that were under way, as change_password.sql says.
  return end_sessions(connection, found->user);
}

std::expected<void, std::string> remove_factor(pg::Connection& connection, const Config& config,
                                               const std::string& email) {
  const auto found = find_credentials(connection, email);
  if (!found) return std::unexpected(found.error());
  if (auto begun = connection.exec("BEGIN"); !begun) return std::unexpected(begun.error().message);
  pg::Params params;
  params.add(found->user).add(config.sends_mails());
  const auto removed = connection.query(queries::user::remove_factors, params);
  if (!removed) return std::unexpected(removed.error().message);
  if (removed->empty()) return std::unexpected(email + " has no second factor");
  if (auto ended = end_sessions(connection, found->user); !ended) return ended;
  if (auto done = connection.exec("COMMIT"); !done) return std::unexpected(done.error().message);
  return {};
}

OperatorAccount ensure_operator(const Config& config, const std::string& database_url) {
  using enum OperatorAccount;
  auto connection = pg::Connection::open({database_url, "instapay_user", "instapay operator"});
  if (!connection) {
    log::warn("cannot make the operator now", {{"error.message", connection.error().message}});
    return not_yet;
  }
  const auto look = [&] {
    const auto email = normalize_email(trim_blanks(config.operator_email)).value_or("");
    return connection->query(queries::user::find_taken, pg::Params().add(email).add(""));
  };
  const auto before = look();
  if (!before) {
    log::warn("cannot make the operator now", {{"error.message", before.error().message}});
    return not_yet;
  }
  if (before->boolean(0, 0)) return there;
  const auto made = create_operator(
      *connection, {config.operator_email, "", config.operator_password}, config.bcrypt_cost);
  if (made) return there;
  // Replicas that start together all find none: one makes it.
  const auto after = look();
  if (!after) return not_yet;
  if (after->boolean(0, 0)) return there;
  log::error("cannot make the operator", {{"error.message", made.error()}});
  return refused;
}

}  // namespace instapay::app
