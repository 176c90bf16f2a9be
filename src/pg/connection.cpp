#include "pg/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <cerrno>
#include <limits>

#include "core/time.h"
#include "pg/statement_metrics.h"

namespace instapay::pg {
namespace {

// The server ends a statement at its timeout; past this margin the connection is taken for dead.
constexpr std::int64_t kAnswerMargin_us = 3 * kSecond_us;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

bool succeeded(const PGresult* result) {
  const auto status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

Failure failure_of(const PGresult* result, std::string_view statement) {
  Failure failure{Failure::Kind::sql, field(result, PG_DIAG_SQLSTATE),
                  field(result, PG_DIAG_CONSTRAINT_NAME), field(result, PG_DIAG_MESSAGE_PRIMARY),
                  std::string(statement)};
  // No SQLSTATE: libpq itself reports that the connection went away. FATAL: the server ends it.
  const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (failure.sqlstate.empty() || severity == "FATAL" || severity == "PANIC" ||
      failure.sqlstate.starts_with("08")) {
    failure.kind = Failure::Kind::lost;
    if (failure.message.empty()) failure.message = PQresultErrorMessage(result);
  }
  return failure;
}

std::string check_url(const std::string& url) {
  char* message = nullptr;
  PQconninfoOption* options = PQconninfoParse(url.c_str(), &message);
  std::string problem = message == nullptr ? "" : message;
  while (problem.ends_with('\n')) problem.pop_back();
  PQfreemem(message);
  PQconninfoFree(options);
  return problem;
}

bool may_lead_to_a_standby(const std::string& url) {
  PQconninfoOption* options = PQconninfoParse(url.c_str(), nullptr);
  bool may = false;
  for (const auto* option = options; option != nullptr && option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::string_view(option->keyword) != "target_session_attrs")
      continue;
    const std::string_view value = option->val;
    may = value != "read-write" && value != "primary";
  }
  PQconninfoFree(options);
  return may;
}

void Connection::Close::operator()(pg_conn* conn) const { PQfinish(conn); }

Connection::Connection(pg_conn* conn, int statement_timeout_ms)
    : conn_(conn),
      answer_max_us_(statement_timeout_ms == 0
                         ? std::numeric_limits<std::int64_t>::max() / 2
                         : statement_timeout_ms * std::int64_t{1000} + kAnswerMargin_us) {}

Result<Connection> Connection::open(const ConnectOptions& options) {
  auto connection = dial(options);
  if (!connection) return connection;
  if (auto alone = connection->refuse_transaction_pooling(options); !alone)
    return std::unexpected(std::move(alone.error()));
  return connection;
}

Result<Connection> Connection::dial(const ConnectOptions& options) {
  const auto refuse = [](std::string message) {
    return std::unexpected(Failure{Failure::Kind::refused, {}, {}, std::move(message), "connect"});
  };
  if (options.stop.stop_requested()) return refuse("this process is ending");
  const std::string timeout = std::to_string(kConnectTimeout_s);
  // What comes later wins: the URL may ask for other times, not for another name or encoding.
  const bool standby = options.server == Server::standby;
  const char* keys[] = {"connect_timeout",
                        "tcp_user_timeout",
                        "keepalives_idle",
                        "target_session_attrs",
                        "dbname",
                        "application_name",
                        "client_encoding",
                        standby ? "target_session_attrs" : nullptr,
                        nullptr};
  const char* values[] = {timeout.c_str(),
                          "10000",
                          "30",
                          options.server == Server::primary ? "primary" : "any",
                          options.url.c_str(),
                          options.application_name.c_str(),
                          "UTF8",
                          standby ? "standby" : nullptr,
                          nullptr};
  Connection connection(PQconnectdbParams(keys, values, 1), options.statement_timeout_ms);
  PGconn* conn = connection.conn_.get();
  if (PQstatus(conn) != CONNECTION_OK) return refuse(PQerrorMessage(conn));
  PQsetnonblocking(conn, 1);
  // Notices (such as "already exists, skipping") are not for our standard error.
  PQsetNoticeProcessor(conn, [](void*, const char*) {}, nullptr);

  std::string setup = "SET TIME ZONE 'UTC'; SET statement_timeout = " +
                      std::to_string(options.statement_timeout_ms) + ";" + options.settings;
  if (!options.role.empty()) setup += "SET ROLE " + options.role + ";";
  const auto pid = connection.ask(setup + "SELECT pg_backend_pid()");
  if (!pid) return refuse("session set-up: " + pid.error().message);
  connection.backend_pid_ = std::stoi(*pid);
  return connection;
}

bool Connection::broken() const {
  return conn_ == nullptr || PQstatus(conn_.get()) != CONNECTION_OK;
}

Failure Connection::lose(std::string_view statement) {
  Failure failure{Failure::Kind::lost, {}, {}, PQerrorMessage(conn_.get()), std::string(statement)};
  if (failure.message.empty()) failure.message = "no answer in time";
  conn_.reset();
  return failure;
}

bool Connection::prepare_needed(const Statement& statement) {
  return prepared_.emplace(statement.name).second;
}

bool Connection::wait(bool for_write, std::int64_t until_us) {
  for (;;) {
    const std::int64_t left_us = until_us - monotonic_us();
    if (left_us <= 0) return false;
    pollfd fd{PQsocket(conn_.get()), static_cast<short>(for_write ? POLLIN | POLLOUT : POLLIN), 0};
    const auto left_ms = static_cast<int>(std::min<std::int64_t>(left_us / 1000 + 1, 60'000));
    const int ready = poll(&fd, 1, left_ms);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool Connection::flush() {
  const std::int64_t until_us = monotonic_us() + answer_max_us_;
  for (;;) {
    const int rest = PQflush(conn_.get());
    if (rest <= 0) return rest == 0;
    // The server may be blocked on its own answers: read while writing.
    if (!wait(true, until_us) || PQconsumeInput(conn_.get()) == 0) return false;
  }
}

Result<std::vector<std::string>> Connection::wait_notifications(int timeout_ms) {
  std::vector<std::string> payloads;
  if (wait(false, monotonic_us() + timeout_ms * std::int64_t{1000}) &&
      PQconsumeInput(conn_.get()) == 0)
    return std::unexpected(lose("listen"));
  while (PGnotify* notify = PQnotifies(conn_.get())) {
    payloads.emplace_back(notify->extra);
    PQfreemem(notify);
  }
  return payloads;
}

Result<void> Connection::exec(std::string_view sql) {
  auto answer = ask(sql);
  if (!answer) return std::unexpected(std::move(answer.error()));
  return {};
}

Result<std::string> Connection::ask(std::string_view sql) {
  if (PQsendQuery(conn_.get(), std::string(sql).c_str()) == 0 || !flush())
    return std::unexpected(lose("exec"));
  const std::int64_t until_us = monotonic_us() + answer_max_us_;
  Result<std::string> outcome;
  for (;;) {
    while (PQisBusy(conn_.get()) != 0)
      if (!wait(false, until_us) || PQconsumeInput(conn_.get()) == 0) {
        // What the server had said before it fell silent stands.
        Failure lost = lose("exec");
        return std::unexpected(outcome ? std::move(lost) : std::move(outcome.error()));
      }
    const ResultPtr result(PQgetResult(conn_.get()));
    if (!result) return outcome;
    if (!outcome) continue;
    if (!succeeded(result.get())) {
      outcome = std::unexpected(failure_of(result.get(), "exec"));
    } else {
      const bool has_value = PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0;
      outcome = has_value ? PQgetvalue(result.get(), 0, 0) : "";
    }
  }
}

Result<Rows> Connection::query(const Statement& statement, const Params& params) {
  const Step step{statement, params};
  auto rows = pipeline({&step, 1});
  if (!rows) return std::unexpected(std::move(rows.error()));
  return std::move(rows->front());
}

Result<std::vector<Rows>> Connection::pipeline(std::span<const Step> steps) {
  PGconn* conn = conn_.get();
  const bool in_transaction = PQtransactionStatus(conn) == PQTRANS_INTRANS;
  PQenterPipelineMode(conn);
  Params::Pointers pointers;
  std::vector<bool> prepares;
  for (const auto& [statement, params] : steps) {
    const std::string name(statement.name);
    prepares.push_back(prepare_needed(statement));
    if (prepares.back() &&
        PQsendPrepare(conn, name.c_str(), std::string(statement.sql).c_str(), 0, nullptr) == 0)
      return std::unexpected(lose(name));
    params.point(pointers);
    if (PQsendQueryPrepared(conn, name.c_str(), params.size(), pointers.values.data(),
                            pointers.lengths.data(), pointers.formats.data(), 1) == 0)
      return std::unexpected(lose(name));
  }
  if (PQpipelineSync(conn) == 0 || !flush()) return std::unexpected(lose("pipeline"));

  const std::int64_t until_us = monotonic_us() + answer_max_us_;
  std::vector<Rows> rows;
  std::optional<Failure> failed;
  std::size_t step = 0;
  // What the server had said before it fell silent stands.
  const auto silent = [&] {
    Failure lost = lose("pipeline");
    return std::unexpected(failed ? std::move(*failed) : std::move(lost));
  };
  bool preparing = !steps.empty() && prepares[0], ended = false;
  std::int64_t answered_us = monotonic_us();
  const auto observe = [&](bool refused) {
    const std::int64_t now = monotonic_us();
    if (step < steps.size())
      observe_statement(steps[step].statement.name, now - answered_us, refused);
    answered_us = now;
  };
  for (bool synced = false; !synced;) {
    while (PQisBusy(conn) != 0)
      if (!wait(false, until_us) || PQconsumeInput(conn) == 0) return silent();
    ResultPtr result(PQgetResult(conn));
    if (!result) {  // end of one command's results
      // Two ends in a row: libpq expects nothing more, and would say so for ever.
      if (PQstatus(conn) != CONNECTION_OK || ended) return silent();
      ended = true;
      if (preparing) {
        preparing = false;
      } else if (++step < steps.size()) {
        preparing = prepares[step];
      }
      continue;
    }
    ended = false;
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) {
      synced = true;
    } else if (status == PGRES_PIPELINE_ABORTED) {
      // What was to be prepared here was not.
      if (step < steps.size() && prepares[step])
        prepared_.erase(std::string(steps[step].statement.name));
    } else if (!succeeded(result.get())) {
      // The end of the session may come after the last step's answer, in place of the sync.
      const std::string_view at = step < steps.size() ? steps[step].statement.name : kAtSync;
      if (preparing) prepared_.erase(std::string(at));
      observe(true);
      if (!failed) failed = failure_of(result.get(), at);
    } else if (!preparing) {
      observe(false);
      rows.emplace_back(result.release());
    }
  }
  PQexitPipelineMode(conn);
  if (!failed) return rows;
  if (!in_transaction && failed->kind == Failure::Kind::sql &&
      PQtransactionStatus(conn) != PQTRANS_IDLE)
    if (auto undone = exec("ROLLBACK"); !undone) return std::unexpected(undone.error());
  return std::unexpected(std::move(*failed));
}

}  // namespace instapay::pg
