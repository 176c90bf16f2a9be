#pragma once
// One blocking connection, for threads that own one: committers, migrations, audit, commands.
// Not thread-safe. Every wait is bounded.
#include <memory>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "core/limits.h"
#include "pg/params.h"
#include "pg/rows.h"
#include "pg/statement.h"
#include "pg/typed_rows.h"

struct pg_conn;

namespace instapay::pg {

/// Failure::statement of what came after the last step's answer: a statement that is a transaction
/// of its own commits there, or the session ends.
inline constexpr std::string_view kAtSync = "sync";

/// Which of a URL's hosts will do. A standby that was promoted is one no longer, so whoever needs
/// to know asks again.
enum class Server : std::uint8_t {
  any,
  primary,  // unless the URL's target_session_attrs says otherwise
  standby,  // whatever the URL says
};

struct ConnectOptions {
  std::string url;   // libpq URI or key=value string
  std::string role;  // SET ROLE after connecting; empty: stay the login role
  std::string application_name = "instapay";
  int statement_timeout_ms = kStatementTimeout_ms;  // 0: none
  std::string settings = {};                        // further "SET x = y;" statements
  // Once requested, nothing more is opened: a process that ends waits for no further server.
  std::stop_token stop = {};
  Server server = Server::any;
};

class Connection {
 public:
  struct Step {
    Statement statement;
    Params params = {};
  };

  /// Failure::refused when the server cannot be reached within kConnectTimeout_s for each of its
  /// hosts (or the URL's own connect_timeout), or `stop` was requested before; Failure::pooled when
  /// a pooler in between gives each transaction another session.
  static Result<Connection> open(const ConnectOptions& options);

  /// Simple protocol: what the last of the statements gave first, as text.
  Result<std::string> ask(std::string_view sql);

  /// Runs one statement in its own transaction, or in the one begun with exec("BEGIN").
  Result<Rows> query(const Statement& statement, const Params& params = {});

  template <class Row>
  Result<TypedRows<Row>> query(const TypedStatement<Row>& statement, const Params& params = {}) {
    return typed<Row>(query(static_cast<const Statement&>(statement), params));
  }

  /// Simple protocol: one or several statements without parameters.
  Result<void> exec(std::string_view sql);

  /// All steps in one round trip (libpq pipeline). Stops at the first failure and leaves no
  /// transaction open then. After Failure::lost the outcome of a COMMIT inside is unknown.
  Result<std::vector<Rows>> pipeline(std::span<const Step> steps);

  /// After LISTEN: waits up to `timeout_ms` and returns the payloads that came, possibly none.
  Result<std::vector<std::string>> wait_notifications(int timeout_ms);

  bool broken() const;
  /// The server's process id, as it says itself: a pooler tells clients other numbers.
  int backend_pid() const { return backend_pid_; }
  pg_conn* handle() const { return conn_.get(); }

 private:
  friend class Pool;
  struct Close {
    void operator()(pg_conn* conn) const;
  };

  explicit Connection(pg_conn* conn, int statement_timeout_ms);
  static Result<Connection> dial(const ConnectOptions& options);
  Result<void> refuse_transaction_pooling(const ConnectOptions& options);
  bool prepare_needed(const Statement& statement);
  // Closes the connection: answers that nobody waited for must not be taken for later ones.
  Failure lose(std::string_view statement);
  bool flush();
  bool wait(bool for_write, std::int64_t until_us);

  std::unique_ptr<pg_conn, Close> conn_;
  std::int64_t answer_max_us_;
  int backend_pid_ = 0;
  std::set<std::string> prepared_;
};

/// What is wrong with a connection string; empty when it can be used (or is empty).
std::string check_url(const std::string& url);

/// Whether the URL's target_session_attrs asks for any server, or for a standby.
bool may_lead_to_a_standby(const std::string& url);

/// What a failed result says.
Failure failure_of(const pg_result* result, std::string_view statement);

}  // namespace instapay::pg
