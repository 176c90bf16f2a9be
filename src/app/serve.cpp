#include "app/serve.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

#include "app/demo.h"
#include "app/operator_account.h"
#include "app/platform.h"
#include "app/trace_exporter.h"
#include "auth/development_key.h"
#include "auth/secret_keys.h"
#include "core/time.h"
#include "pg/migrations.h"
#include "pg/private_cluster.h"
#include "telemetry/log.h"

namespace instapay::app {
namespace {

int complain(std::string_view what) {
  log::stop();
  fmt::print(stderr, "instapay: {}\n", what);
  return 1;
}

// Development makes its own key once; everybody else brings one.
std::expected<auth::SigningKeys, std::string> load_key(const Config& config,
                                                       const auth::KeyPurpose& purpose,
                                                       const std::string& pem) {
  if (pem.empty() && config.environment == Environment::staging)
    return std::unexpected(std::string(purpose.setting) + " is required in staging");
  return auth::signing_keys_of(purpose, pem, config.data_dir);
}

std::expected<PrivateKeys, std::string> load_keys(const Config& config, Purpose purpose) {
  PrivateKeys keys;
  if (purpose == Purpose::user || purpose == Purpose::all) {
    auto tokens = load_key(config, auth::kTokenKeys, config.jwt_private_key);
    if (!tokens) return std::unexpected(tokens.error());
    keys.tokens = std::move(*tokens);
    if (config.factor_key.empty() && config.environment == Environment::staging)
      return std::unexpected(std::string(auth::kFactorKeySetting) + " is required in staging");
    auto factors = auth::factor_keys_of(config.factor_key, config.data_dir);
    if (!factors) return std::unexpected(factors.error());
    keys.factors = std::move(*factors);
    if (config.vapid_private_key.empty() && config.environment == Environment::staging)
      return std::unexpected("VAPID_PRIVATE_KEY is required in staging");
    auto vapid = push::VapidKeys::of(config.vapid_private_key, config.data_dir);
    if (!vapid) return std::unexpected(vapid.error());
    keys.vapid = std::move(*vapid);
  }
  if (purpose != Purpose::user) {
    auto receipts = load_key(config, auth::kReceiptKeys, config.receipt_private_key);
    if (!receipts) return std::unexpected(receipts.error());
    keys.receipts = std::move(*receipts);
  }
  return keys;
}

// Once, at the start, when the database is there: what a database that is away gets later. False
// when it is away; the error is one that no waiting mends.
std::expected<bool, std::string> first_look(const Config& config, const std::string& url,
                                            bool migrates) {
  auto connection = pg::Connection::open({url, "", "instapay start", 0});
  if (connection && migrates)
    if (const auto applied = pg::migrate(*connection))
      for (const auto& migration : *applied)
        log::info("migration applied", {{"instapay.migration", migration.name}});
  const bool there = connection.has_value();
  // Another server is asked only when the first one was there: nobody waits twice.
  if (there && !config.reporting_database_url.empty())
    connection = pg::Connection::open({config.reporting_database_url, "", "instapay start"});
  if (!connection && connection.error().kind == pg::Failure::Kind::pooled)
    return std::unexpected(connection.error().message);
  return there;
}

// Blocks until the process has to end; the operator that could not be made before is made
// meanwhile.
int wait_for_signal(const sigset_t& signals, const Config& config, const std::string& url,
                    OperatorAccount account) {
  constexpr timespec kRetry{.tv_sec = 2, .tv_nsec = 0};
  while (account == OperatorAccount::not_yet) {
    const int signal = sigtimedwait(&signals, nullptr, &kRetry);
    if (signal > 0) return signal;
    account = ensure_operator(config, url);
  }
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

void print_welcome(const Platform& platform, const Config& config, bool operator_made) {
  fmt::print("\nMini-InstaPay {} is ready.\n\n", INSTAPAY_VERSION);
  for (const auto& [name, address] : platform.addresses())
    fmt::print("  {:12} {}{}\n", name, address,
               name == "gateway" ? "   ← wallet and API; documentation at /docs" : "/docs");
  if (config.shows_mails())
    fmt::print("  {:12} {}/dev/mails   ← what would be sent\n", "mails", config.public_url);
  if (operator_made) {
    fmt::print("\n  operator     {}\n", config.operator_email);
  } else {
    fmt::print(
        "\n  Make the first operator:  build/release/instapay operator create "
        "--email you@example.com --username you\n");
  }
  fmt::print("  Ctrl-C stops everything; the data stays{}.\n\n",
             config.private_cluster() ? " in " + config.data_dir : "");
  std::fflush(stdout);
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

// Which process of which machine, for who looks at its traces.
std::string instance_name() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("{}:{}", host.data(), getpid());
}

}  // namespace

int serve(const Config& config, Purpose purpose) {
  const bool terminal = isatty(STDOUT_FILENO) != 0;
  const bool text = config.log_format == "text" || (config.log_format == "auto" && terminal);
  const std::string name = purpose == Purpose::user          ? "user"
                           : purpose == Purpose::transaction ? "transaction"
                           : purpose == Purpose::reporting   ? "reporting"
                                                             : "instapay";
  // Signals are waited for below; every thread inherits that they are blocked.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  log::start(log::log_level_of(config.log_level), text ? log::Format::text : log::Format::json,
             name, config.log_requests_per_s);

  for (const Misspelt& each : find_misspelt())
    log::warn("a variable is much like a setting, and is none: it is not read",
              {{"instapay.variable", each.variable}, {"instapay.nearest", each.nearest}});

  auto keys = load_keys(config, purpose);
  if (!keys) return complain(keys.error());
  std::unique_ptr<pg::PrivateCluster> cluster;
  std::string url = config.database_url;
  if (url.empty() && purpose == Purpose::all) {
    auto started = pg::PrivateCluster::start(config.data_dir);
    if (!started) return complain(started.error());
    cluster = std::move(*started);
    url = cluster->url();
  } else if (url.empty()) {
    url = pg::private_cluster_url(config.data_dir);
    if (url.empty())
      return complain(
          "DATABASE_URL is required to serve one service, unless `serve all` runs on "
          "the same DATA_DIR");
  }
  const auto looked = first_look(config, url, purpose == Purpose::all);
  if (!looked) return complain(looked.error());
  // Before the first request: who may ask may also sign in as the operator.
  auto account = OperatorAccount::refused;
  if (!config.operator_email.empty() && (purpose == Purpose::all || purpose == Purpose::user))
    account = *looked ? ensure_operator(config, url) : OperatorAccount::not_yet;

  std::optional<TraceExporter> traces;
  if (!config.otlp_endpoint.empty())
    traces.emplace(config.otlp_endpoint, config.traces_per_million,
                   trace::Resource{name, INSTAPAY_VERSION, instance_name()});
  // Its threads and the cluster's write to the log, so both go before the log does.
  std::optional<Platform> platform(std::in_place, config, purpose, url, std::move(*keys));
  if (auto listening = platform->listen(); !listening) {
    platform->stop();
    platform.reset();
    cluster.reset();
    return complain(listening.error().detail);
  }
  if (config.demo && purpose == Purpose::all)
    if (auto loaded = load_demo(config, url); !loaded)
      log::error("demo data", {{"error.message", loaded.error()}});
  if (purpose == Purpose::all) print_welcome(*platform, config, account == OperatorAccount::there);
  log::info("started", {{"instapay.version", INSTAPAY_VERSION}});

  const int signal = wait_for_signal(signals, config, url, account);
  log::info("stopping", {{"instapay.signal", signal}});
  const std::int64_t begun_us = monotonic_us();
  const bool clean = platform->stop();
  platform.reset();
  traces.reset();
  cluster.reset();
  log::info("stopped", {{"event.duration", (monotonic_us() - begun_us) * 1000},
                        {"event.outcome", clean ? "success" : "failure"}});
  log::stop();
  return 0;
}

}  // namespace instapay::app
