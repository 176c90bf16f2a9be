#include "app/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <thread>

#include "app/chain_heads.h"
#include "app/database.h"
#include "app/demo.h"
#include "app/ledger_session.h"
#include "app/operations.h"
#include "app/operator_account.h"
#include "app/signature_audit.h"
#include "auth/access_token.h"
#include "auth/development_key.h"
#include "auth/secret_keys.h"
#include "auth/signing_key.h"
#include "core/email.h"
#include "core/json.h"
#include "core/text.h"
#include "core/time.h"
#include "ledger/proof/audit.h"
#include "net/fetch.h"
#include "pg/migrations.h"
#include "push/vapid.h"
#include "queries.h"
#include "reporting/chain_follower.h"
#include "reporting/roll_up/check.h"
#include "reporting/service.h"
#include "transaction/service.h"
#include "user/erasure.h"
#include "user/service.h"

namespace instapay::app {
namespace {

constexpr std::int64_t kHealthTimeout_ms = 3'000;
constexpr auto kTurn = std::chrono::milliseconds(100);

int complain(std::string_view what) {
  fmt::print(stderr, "instapay: {}\n", what);
  return 1;
}

// A bar on a terminal, nothing elsewhere.
class Progress {
 public:
  void show(std::string_view what, std::int64_t done, std::int64_t all) {
    if (isatty(STDERR_FILENO) == 0 || all == 0) return;
    const std::int64_t now = monotonic_us();
    if (now - shown_us_ < 100'000 && done < all) return;
    shown_us_ = now;
    fmt::print(stderr, "\r\x1b[K{} {} of {} ({} %)", what, done, all, done * 100 / all);
    std::fflush(stderr);
    open_ = true;
  }
  ~Progress() {
    if (open_) fmt::print(stderr, "\r\x1b[K");
  }

 private:
  std::int64_t shown_us_ = 0;
  bool open_ = false;
};

// Typed unseen on a terminal, a line elsewhere.
std::string ask_password() {
  if (isatty(STDIN_FILENO) != 0) return getpass("Password: ");
  std::string line;
  std::getline(std::cin, line);
  return line;
}

template <class Service>
void print_routes(JsonWriter* json, std::string_view service,
                  std::span<const net::Route<Service>> routes) {
  for (const auto& route : routes) {
    if (json != nullptr) {
      json->begin_object().field("service", service);
      json->field("method", net::name_of(route.method)).field("path", route.path);
      json->field("handler", route.name).field("access", net::name_of(route.access));
      const auto scope = net::scope_of(route.name);
      json->field_or_null("scope", scope ? name_of(*scope) : std::string_view()).end_object();
    } else {
      fmt::print("{:12} {:7} {:45} {}\n", service, net::name_of(route.method), route.path,
                 route.name);
    }
  }
}

// The ledger's own audit, and whether what staff have signed is of their proposals.
pg::Result<ledger::AuditReport> audit_books(pg::Connection& connection, Progress& bar) {
  auto report = ledger::audit(connection, [&](const ledger::AuditProgress& p) {
    bar.show("entries", p.entries, p.entries_expected);
  });
  if (!report || !report->balanced) return report;
  auto difference = check_signatures(connection);
  if (!difference) return std::unexpected(difference.error());
  report->balanced = difference->empty();
  report->difference = std::move(*difference);
  return report;
}

}  // namespace

int migrate_command(const Config& config, bool only_status) {
  auto database = find_database(config);
  if (!database) return complain(database.error());
  auto connection = connect(*database, "");
  if (!connection) return complain(connection.error());
  if (only_status) {
    const auto status = pg::migration_status(*connection);
    if (!status) return complain(status.error().message);
    for (const auto& migration : status->applied) fmt::print("applied  {}\n", migration.name);
    for (const auto& migration : status->pending) fmt::print("pending  {}\n", migration.name);
    for (const auto& problem : status->problems) fmt::print("problem  {}\n", problem);
    return status->problems.empty() ? 0 : 1;
  }
  const auto applied = pg::migrate(*connection);
  if (!applied) return complain(applied.error());
  for (const auto& migration : *applied) fmt::print("applied  {}\n", migration.name);
  if (applied->empty()) fmt::print("nothing to do: the schema is current\n");
  return 0;
}

int seed_command(const Config& config, const SeedOptions& options) {
  if (config.production()) return complain("seed is not for production");
  auto database = find_database(config);
  if (!database) return complain(database.error());
  {
    auto connection = connect(*database, "");
    if (!connection) return complain(connection.error());
    if (const auto applied = pg::migrate(*connection); !applied) return complain(applied.error());
  }
  Progress progress;
  const std::int64_t begun_us = monotonic_us();
  const auto seeded = seed(config, database->url, options,
                           [&](auto what, auto done, auto all) { progress.show(what, done, all); });
  if (!seeded) return complain(seeded.error());
  fmt::print("{} users and {} transfers in {} ms; the first is {}\n", seeded->accounts,
             seeded->transfers, (monotonic_us() - begun_us) / 1000, seeded->first_email);
  return 0;
}

int create_operator_command(const Config& config, NewOperator account) {
  auto database = find_database(config);
  if (!database) return complain(database.error());
  {
    auto owner = connect(*database, "");
    if (!owner) return complain(owner.error());
    if (const auto applied = pg::migrate(*owner); !applied) return complain(applied.error());
  }
  if (account.password.empty()) account.password = ask_password();
  auto connection = connect(*database, "instapay_user");
  if (!connection) return complain(connection.error());
  const auto made = create_operator(*connection, account, config.bcrypt_cost);
  if (!made) return complain(made.error());
  fmt::print("{} {} can sign in now\n", account.role, account.email);
  return 0;
}

int reset_password_command(const Config& config, const std::string& email, std::string password) {
  auto database = find_database(config);
  if (!database) return complain(database.error());
  if (password.empty()) password = ask_password();
  auto connection = connect(*database, "instapay_user");
  if (!connection) return complain(connection.error());
  const auto done = reset_password(*connection, config, email, password);
  if (!done) return complain(done.error());
  fmt::print("the password of {} is set; all sessions have ended\n", email);
  return 0;
}

int remove_factor_command(const Config& config, const std::string& email) {
  auto database = find_database(config);
  if (!database) return complain(database.error());
  auto connection = connect(*database, "instapay_user");
  if (!connection) return complain(connection.error());
  const auto done = remove_factor(*connection, config, email);
  if (!done) return complain(done.error());
  fmt::print("{} signs in with the password alone; all sessions have ended\n", email);
  return 0;
}

int erase_user_command(const Config& config, const std::string& user, const std::string& reason) {
  if (const auto problem = find_problem(reason))
    return complain(fmt::format("the reason {}", explain(*problem)));
  auto database = find_database(config);
  if (!database) return complain(database.error());
  // So that a database that is away is told as such.
  if (auto connection = connect(*database, "instapay_user"); !connection)
    return complain(connection.error());
  LedgerSession session(config, database->url);
  const auto erased = session.run<Uuid>([&](pg::Pool& db, ledger::Ledger& ledger) {
    return user::erase_user(db, ledger, config.currency, lower_ascii(trim_blanks(user)),
                            ledger::kCommandLine, reason);
  });
  if (!erased) return complain(erased.error().detail);
  fmt::print("{} is erased: profile, notes, addresses and sessions are gone, the amounts stay\n",
             user);
  return 0;
}

int audit_command(const Config& config, const HeadsCheck& heads, bool json, bool record) {
  const auto noted = read_heads_files(heads);
  if (!noted) return complain(noted.error());
  auto database = find_database(config);
  if (!database) return complain(database.error());
  auto connection = connect(*database, "");
  if (!connection) return complain(connection.error());
  Progress bar;
  const auto report = audit_books(*connection, bar);
  if (!report) return complain("cannot read the ledger: " + report.error().message);
  // Reports are made of what was added up before: that must be what the entries add up to.
  reporting::RollUpCheck reports;
  if (report->balanced) {
    auto checked =
        reporting::check_roll_ups(*connection, [&](std::int64_t done, std::int64_t expected) {
          bar.show("transfers in the reports", done, expected);
        });
    if (!checked) return complain("cannot read the roll-ups: " + checked.error().message);
    reports = std::move(*checked);
  }
  const bool reports_agree = reports.difference.empty();
  const auto compared = compare_files(*connection, *noted);
  if (!compared) return complain("cannot compare the heads: " + compared.error().message);
  const bool good =
      report->balanced && reports_agree && compared->finding.verdict == ledger::HeadsVerdict::agree;
  const std::int64_t ms = report->duration_us / 1000;
  if (json) {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object().field("balanced", report->balanced).key("difference");
    if (report->balanced) {
      writer.null();
    } else {
      writer.value(report->difference);
    }
    writer.key("reportsDifference");
    if (reports_agree) {
      writer.null();
    } else {
      writer.value(reports.difference);
    }
    writer.field("accounts", report->accounts).field("entries", report->entries);
    writer.field("batches", report->batches).field("chains", report->chains);
    writer.key("inCirculation").amount(report->in_circulation_minor, config.currency);
    writer.field("currency", config.currency.code).field("fromFuture", report->from_future);
    writer.field("durationMs", ms);
    writer.field("entriesPerSecond", report->entries * 1000 / std::max<std::int64_t>(ms, 1));
    if (!noted->empty()) write_report(writer.key("heads"), *compared);
    writer.end_object();
    fmt::print("{}\n", out);
  } else {
    fmt::print("{} entries of {} accounts in {} batches of {} chains, {} ms ({} entries/s)\n",
               report->entries, report->accounts, report->batches, report->chains, ms,
               report->entries * 1000 / std::max<std::int64_t>(ms, 1));
    if (report->from_future > 0)
      fmt::print("{} entries are from the future: a clock ran ahead when they were made.\n",
                 report->from_future);
    if (report->balanced)
      fmt::print("The books balance: {} {} in circulation, everything sums to zero.\n",
                 format_amount(report->in_circulation_minor, config.currency),
                 config.currency.code);
  }
  if (!json && !noted->empty()) fmt::print("{}\n", for_people(*compared));
  if (good && record) {
    // Its age is published: an audit that nobody runs is no audit.
    const auto recorded =
        connection->query(queries::operations::record_job, pg::Params().add("audit").add(ms));
    if (!recorded) return complain("cannot record the audit: " + recorded.error().message);
  }
  if (good) return 0;
  if (!json && !report->balanced) fmt::print("THE BOOKS DO NOT BALANCE: {}\n", report->difference);
  if (!json && !reports_agree)
    fmt::print("THE REPORTS ARE WRONG: {}. `instapay rebuild-reports` makes them anew.\n",
               reports.difference);
  return 1;
}

// What follows the chains, made anew while the services follow them as well.
int rebuild(const Config& config, const reporting::Follower& follower, std::string_view what) {
  auto database = find_database(config);
  if (!database) return complain(database.error());
  auto connection = connect(*database, "");
  if (!connection) return complain(connection.error());
  const auto failed = [&](const std::string& why) {
    return complain(fmt::format("cannot rebuild {}: {}", what, why));
  };
  if (const auto done = reporting::begin_anew(*connection, follower); !done)
    return failed(done.error().message);
  const std::int64_t begun_us = monotonic_us();
  Progress bar;
  for (;;) {
    const auto done = reporting::follow(*connection, follower);
    if (!done) return failed(done.error().message);
    if (!done->problem.empty()) return failed(done->problem);
    // By whomever: what the tables say.
    const auto rows =
        connection->query(queries::reporting::follow_progress, pg::Params().add(follower.number));
    if (!rows) return failed(rows.error().message);
    const auto progress = rows->front();
    bar.show("batches", progress.taken, progress.batches);
    if (done->outcome == reporting::Followed::Outcome::somebody_else) {
      std::this_thread::sleep_for(kTurn);
    } else if (!done->is_more) {
      fmt::print("{} are made of {} batches, {} ms\n", what, progress.taken,
                 (monotonic_us() - begun_us) / 1000);
      return 0;
    }
  }
}

int rebuild_reports_command(const Config& config) {
  return rebuild(config, reporting::roll_ups(), "the reports' roll-ups");
}

int rebuild_search_command(const Config& config) {
  return rebuild(config, reporting::search_index(), "the rows of the search");
}

int health_command(const Config& config, const std::string& service, const std::string& url) {
  const int port = service == "transaction" ? config.transaction_port
                   : service == "reporting" ? config.reporting_port
                   : service == "gateway"   ? config.gateway_port
                                            : config.user_port;
  const std::string target =
      !url.empty() ? url
                   : fmt::format("{}://127.0.0.1:{}/health/ready",
                                 config.tls_cert_file.empty() ? "http" : "https", port);
  const auto fetched =
      net::fetch(target, kHealthTimeout_ms,
                 url.empty() ? net::Certificates::own : net::Certificates::verified);
  if (!fetched) return complain(fetched.error());
  fmt::print("{}\n", fetched->body);
  return fetched->status == 200 ? 0 : 1;
}

int token_command(const Config& config, const std::string& email) {
  if (config.production()) return complain("token is not for production");
  const auto keys =
      auth::signing_keys_of(auth::kTokenKeys, config.jwt_private_key, config.data_dir);
  if (!keys) return complain(keys.error());
  auto database = find_database(config);
  if (!database) return complain(database.error());
  auto connection = connect(*database, "");
  if (!connection) return complain(connection.error());
  const auto rows =
      connection->query(queries::operations::find_role,
                        pg::Params().add(normalize_email(trim_blanks(email)).value_or("")));
  if (!rows) return complain(rows.error().message);
  if (rows->empty()) return complain("there is no user with the e-mail " + email);
  const auto found = rows->front();
  auth::Claims claims;
  claims.subject = found.id;
  claims.session_id = Uuid::random();
  claims.token_id = Uuid::random();
  claims.issued_at_s = now_us() / kSecond_us;
  claims.expires_at_s = claims.issued_at_s + config.access_token_ttl_s;
  claims.role = parse_role(found.role).value_or(Role::user);
  claims.factors.version = found.factor_version;
  fmt::print("{}\n", auth::issue_access_token(claims, *keys));
  return 0;
}

int keygen_command(std::string_view purpose) {
  if (purpose == "factors") {
    fmt::print("{}\n", auth::SecretKeys::generate());
    return 0;
  }
  const auth::KeyPurpose& signing = purpose == "tokens"   ? auth::kTokenKeys
                                    : purpose == "pushes" ? push::kVapidKeysPurpose
                                                          : auth::kReceiptKeys;
  fmt::print("{}", auth::SigningKeys::generate_pem(signing.algorithms.front()));
  return 0;
}

int effective_config_command(const RawSettings& given, bool json) {
  std::vector<std::string> problems;
  fmt::print("{}", effective_settings(given, json, problems));
  for (const std::string& problem : problems) complain(problem);
  for (const Misspelt& each : find_misspelt()) complain(each.sentence());
  return problems.empty() ? 0 : 1;
}

int routes_command(bool json) {
  std::string out;
  JsonWriter writer(out);
  JsonWriter* to = json ? &writer : nullptr;
  writer.begin_array();
  print_routes(to, "user", user::routes());
  print_routes(to, "transaction", transaction::routes());
  print_routes(to, "reporting", reporting::routes());
  print_routes(to, "every", operations_routes());
  writer.end_array();
  if (json) fmt::print("{}\n", out);
  return 0;
}

}  // namespace instapay::app
