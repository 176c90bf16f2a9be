#include "app/platform.h"

#include <fmt/format.h>

#include <limits>
#include <thread>

#include "core/limits.h"
#include "core/time.h"
#include "mail/smtp.h"
#include "telemetry/metrics.h"

namespace instapay::app {
namespace {

net::RateDecision decide(auth::RateLimiter& limiter, std::string_view key, std::int64_t more) {
  const std::int64_t now = monotonic_us();
  const auto result = more > 0 ? limiter.charge(key, more, now) : limiter.take(key, now);
  return {result.allowed, result.limit, result.remaining,
          result.allowed ? result.reset_s : result.retry_after_s};
}

std::string name_of(Purpose service) {
  return service == Purpose::user          ? "user"
         : service == Purpose::transaction ? "transaction"
                                           : "reporting";
}

constexpr std::int64_t kMailGrace_us = 3 * kSecond_us;

std::string jwks_url_of(const Config& config) {
  if (!config.jwks_url.empty()) return config.jwks_url;
  return fmt::format("{}://127.0.0.1:{}/.well-known/jwks.json",
                     config.tls_cert_file.empty() ? "http" : "https", config.user_port);
}

}  // namespace

Platform::Platform(const Config& config, Purpose purpose, std::string database_url,
                   PrivateKeys keys)
    : config_(config),
      purpose_(purpose),
      database_url_(std::move(database_url)),
      private_keys_(std::move(keys)),
      threads_(config.io_threads),
      keys_(private_keys_.tokens ? private_keys_.tokens->public_keys() : auth::KeySet()),
      revocations_((config.access_token_ttl_s + 60) * kSecond_us),
      authenticator_(keys_, revocations_, kTokenCacheMax_entries),
      user_limiter_(config.rate_limit_user_per_s),
      address_limiter_(config.rate_limit_address_per_s),
      token_limiter_(config.rate_limit_user_per_s),
      throttle_(config.login_attempts_per_min),
      mail_throttle_(config.login_attempts_per_min),
      client_throttle_(config.login_attempts_per_min),
      devices_(private_keys_.tokens ? private_keys_.tokens->derive_secrets("device tokens")
                                    : std::vector<Hash256>()),
      challenges_(private_keys_.tokens ? private_keys_.tokens->derive_secrets("login challenges")
                                       : std::vector<Hash256>()),
      passkey_challenges_(private_keys_.tokens
                              ? private_keys_.tokens->derive_secrets("passkey challenges")
                              : std::vector<Hash256>()) {
  if (runs(Purpose::user))
    user_db_ = std::make_unique<pg::Pool>(threads_, as_role("user"), pool_size());
  if (runs(Purpose::transaction))
    transaction_db_ = std::make_unique<pg::Pool>(threads_, as_role("transaction"), pool_size());
  if (runs(Purpose::reporting))
    reporting_db_ = std::make_unique<pg::Pool>(threads_, as_role("reporting"), pool_size());
  if (runs(Purpose::reporting) && !config.reporting_database_url.empty()) {
    pg::ConnectOptions options = as_role("reporting");
    options.url = config.reporting_database_url;
    standbys_ = std::make_unique<pg::StandbyPool>(threads_, std::move(options), pool_size(),
                                                  config.replica_lag_max_s * kSecond_us);
  }

  if (!runs(Purpose::reporting) || purpose == Purpose::all) {
    ledger::Options options;
    options.database = as_role(runs(Purpose::user) ? "user" : "transaction");
    options.terms = {{{config.transfer_limit_minor},
                      {config.daily_limit_minor},
                      {config.unverified_daily_limit_minor}},
                     std::string(config.currency.code)};
    options.batch_max = static_cast<std::size_t>(config.batch_max);
    options.queue_max = static_cast<std::size_t>(config.queue_max);
    options.committers = runs(Purpose::transaction) ? config.committers : 1;
    ledger_ = std::make_unique<ledger::Ledger>(threads_, options);
  }

  pg::Pool& any_db = user_db_ ? *user_db_ : transaction_db_ ? *transaction_db_ : *reporting_db_;
  revocation_feed_ =
      std::make_unique<auth::RevocationFeed>(any_db, revocations_, config.access_token_ttl_s);

  if (runs(Purpose::user)) {
    passwords_ =
        std::make_unique<user::Passwords>(config.bcrypt_cost, std::thread::hardware_concurrency());
    user_ = std::make_unique<user::Service>(
        config_, *user_db_, *ledger_, *private_keys_.tokens, throttle_, *revocation_feed_,
        *passwords_, devices_, challenges_, passkey_challenges_,
        auth::RelyingParty{config_.passkey_domain, config_.passkey_origins}, *private_keys_.factors,
        mail_throttle_, mailbox_, client_throttle_, token_limiter_, *private_keys_.vapid);
  }
  if (runs(Purpose::transaction)) {
    entry_feed_ = std::make_unique<transaction::EntryFeed>(threads_, as_role("transaction"));
    transaction_.reset(new transaction::Service{
        config_, *transaction_db_, *ledger_, transaction::PayeeDirectory(*transaction_db_),
        *entry_feed_, *private_keys_.receipts,
        auth::RelyingParty{config_.passkey_domain, config_.passkey_origins},
        [this](const net::Principal& principal) {
          return revocations_.check({.subject = principal.user_id,
                                     .session_id = principal.session_id,
                                     .role = principal.role,
                                     .factors = principal.factors,
                                     .machine = principal.machine}) ==
                 auth::Revocations::Verdict::good;
        }});
  }
  if (transaction_) {
    schedule_worker_ = std::make_unique<transaction::ScheduleWorker>(*transaction_db_, *ledger_);
    hold_worker_ = std::make_unique<transaction::HoldWorker>(*transaction_db_, *ledger_);
  }
  if (runs(Purpose::reporting))
    reporting_ = std::make_unique<reporting::Service>(config_, *reporting_db_, standbys_.get(),
                                                      threads_, *private_keys_.receipts);

  if (runs(Purpose::user)) add_server("user", config.user_port, {Purpose::user});
  if (runs(Purpose::transaction))
    add_server("transaction", config.transaction_port, {Purpose::transaction});
  if (runs(Purpose::reporting))
    add_server("reporting", config.reporting_port, {Purpose::reporting});
  if (purpose == Purpose::all) {
    web_files_ = std::make_unique<WebFiles>(config.web_dir);
    add_server("gateway", config.gateway_port,
               {Purpose::user, Purpose::transaction, Purpose::reporting});
  }
  publish_gauges();

  HousekeeperTasks tasks;
  if (purpose == Purpose::all) {
    tasks.owner = {database_url_, "", "instapay migrate", 0};
    tasks.owner.stop = connecting_.get_token();
  }
  if (user_) {
    tasks.user_role = as_role("user");
    tasks.factor_keys = private_keys_.factors;
  }
  if (reporting_) tasks.reporting_role = as_role("reporting");
  if (!private_keys_.tokens) tasks.jwks_url = jwks_url_of(config);
  if (private_keys_.receipts) tasks.receipt_keys = private_keys_.receipts->public_keys();
  housekeeper_ = std::make_unique<Housekeeper>(std::move(tasks), keys_);
  if (reporting_) {
    const auto follow = [&](const reporting::Follower& follower) {
      return std::make_unique<reporting::FollowerWorker>(follower, as_role("reporting"));
    };
    roll_ups_ = follow(reporting::roll_ups());
    search_index_ = follow(reporting::search_index());
  }
  if (user_) start_mail();
  if (user_) start_push();
  if (ledger_) watch_storage();
  threads_.start();
  revocation_feed_->start(threads_.at(0));
  if (reporting_) reporting_->reads.start(threads_.at(0));
  if (schedule_worker_) schedule_worker_->start(threads_.at(0));
  if (hold_worker_) hold_worker_->start(threads_.at(0));
}

Platform::~Platform() {
  connecting_.request_stop();
  // All at once: each may be waiting for an answer.
  for (const auto& worker : push_workers_) worker->request_stop();
  mail_worker_.reset();
  push_workers_.clear();
  housekeeper_.reset();
  roll_ups_.reset();
  search_index_.reset();
  notices_.reset();
  pushes_.reset();
  storage_watch_.reset();
  // No coroutine runs any more when what they use goes.
  threads_.stop();
}

pg::ConnectOptions Platform::as_role(std::string_view service) const {
  pg::ConnectOptions options;
  options.url = database_url_;
  options.role = fmt::format("instapay_{}", service);
  options.application_name = fmt::format("instapay {}", service);
  // Reports probe indexes a thousand times: the planner takes that for work worth compiling for.
  if (service == "reporting") options.settings = "SET jit = off;";
  options.stop = connecting_.get_token();
  options.server = pg::Server::primary;
  return options;
}

pg::PoolSize Platform::pool_size() const {
  return {config_.db_pool, config_.db_connection_max_age_s * kSecond_us};
}

net::ServerOptions Platform::server_options(std::string_view service, int port) {
  net::ServerOptions options;
  options.service = service;
  options.bind_address = config_.bind_address;
  options.port = port;
  options.tls = {config_.tls_cert_file, config_.tls_key_file};
  options.trusted_proxies = config_.trusted_proxies;
  options.connections_per_address = config_.connections_per_address;
  options.cors_origins = config_.cors_origins;
  options.authenticate = [this](std::string_view token) -> Result<net::Principal> {
    auto claims = authenticator_.authenticate(token, now_us() / kSecond_us);
    if (!claims) return fail(std::move(claims.error()));
    net::Principal principal{claims->subject, claims->session_id, claims->role,
                             claims->expires_at_s, claims->factors};
    principal.awaits_factor =
        config_.staff_factor_required && claims->role != Role::user && !claims->factors.proven_by;
    if (claims->machine) {
      // One of the platform reads what an auditor reads, and of that what its scopes say.
      principal.machine = claims->machine;
      principal.user_id = claims->machine->wallet.value_or(claims->machine->id);
      principal.role = claims->machine->wallet ? Role::user : Role::auditor;
    }
    return principal;
  };
  if (config_.rate_limit_address_per_s > 0)
    options.limit_address = [this](std::string_view address, std::int64_t more) {
      return decide(address_limiter_, auth::rate_key_of_address(address), more);
    };
  if (config_.rate_limit_user_per_s > 0)
    options.limit_user = [this](const Uuid& user, std::int64_t more) {
      const std::string_view key(reinterpret_cast<const char*>(user.bytes.data()), 16);
      return decide(user_limiter_, key, more);
    };
  return options;
}

void Platform::watch_storage() {
  StorageLimits limits{config_.storage_path, config_.storage_max_bytes,
                       config_.storage_free_min_bytes};
  if (limits.path.empty() && config_.private_cluster()) limits.path = config_.data_dir;
  storage_watch_ = std::make_unique<StorageWatch>(
      std::move(limits), as_role(user_ ? "user" : "transaction"), ledger_->room());
}

void Platform::start_mail() {
  if (!config_.sends_mails()) return mail::publish_nothing_to_send();
  notices_ =
      std::make_unique<reporting::FollowerWorker>(reporting::payment_notices(), as_role("user"));
  const mail::OutboxOptions options{
      .from = config_.mail_from, .public_url = config_.public_url, .currency = config_.currency};
  if (config_.shows_mails()) {
    mail_worker_ = std::make_unique<mail::OutboxWorker>(as_role("user"), options, mailbox_);
    return;
  }
  // A process that stops lets a mail that is under way end, for a while: one that is cut off after
  // its last byte is sent again.
  auto give_up = [stop = connecting_.get_token(), since_us = std::int64_t{0}]() mutable {
    if (!stop.stop_requested()) return false;
    if (since_us == 0) since_us = monotonic_us();
    return monotonic_us() - since_us > kMailGrace_us;
  };
  mail_worker_ = std::make_unique<mail::OutboxWorker>(
      as_role("user"), options,
      std::make_unique<mail::SmtpClient>(
          mail::SmtpOptions{config_.smtp_url, config_.smtp_username, config_.smtp_password,
                            config_.smtp_ca_file, config_.smtp_tls},
          std::move(give_up)));
}

void Platform::start_push() {
  if (config_.push_hosts.empty()) return push::publish_nothing_to_push();
  pushes_ =
      std::make_unique<reporting::FollowerWorker>(reporting::payment_pushes(), as_role("user"));
  const push::OutboxOptions options{
      .hosts = config_.push_hosts, .subject = config_.push_subject, .currency = config_.currency};
  // One that is being written is waited for: cut off, it would be sent again.
  const auto give_up = [stop = connecting_.get_token()] { return stop.stop_requested(); };
  const auto upkeep = std::make_shared<push::PushUpkeep>();
  for (int i = 0; i < push::kPushWorkers; ++i)
    push_workers_.push_back(
        std::make_unique<push::PushWorker>(as_role("user"), options, *private_keys_.vapid,
                                           std::make_unique<push::PushClient>(give_up), upkeep));
}

void Platform::add_routes(net::Router& router, Purpose service) {
  const std::string name = name_of(service);
  if (service == Purpose::user) router.add(name, *user_, user::routes());
  if (service == Purpose::transaction) router.add(name, *transaction_, transaction::routes());
  if (service == Purpose::reporting) router.add(name, *reporting_, reporting::routes());
}

void Platform::add_server(std::string_view service, int port,
                          std::initializer_list<Purpose> services) {
  net::Router router;
  for (const Purpose each : services) add_routes(router, each);
  const Purpose first = *services.begin();
  pg::Pool& db = first == Purpose::user          ? *user_db_
                 : first == Purpose::transaction ? *transaction_db_
                                                 : *reporting_db_;
  const bool writes = first != Purpose::reporting;
  operations_.push_back(std::make_unique<Operations>(config_, std::string(service), db, keys_,
                                                     writes ? ledger_.get() : nullptr));
  router.add(service, *operations_.back(), operations_routes());
  auto options = server_options(service, port);
  if (service == "gateway")
    options.fallback = [this](const net::Request& request) { return web_files_->serve(request); };
  servers_.emplace_back(
      service, std::make_unique<net::Server>(threads_, std::move(options), std::move(router)));
}

void Platform::publish_gauges() {
  auto& info_gauge = metrics::gauge("instapay_build_info", "Always 1; the version is a label",
                                    {{"version", INSTAPAY_VERSION}});
  info_gauge.Set(1);
  metrics::publish_process();
  if (ledger_) {
    auto& depth = metrics::gauge("instapay_ledger_queue_transfers", "Transfers waiting");
    metrics::before_scrape(
        [this, &depth] { depth.Set(static_cast<double>(ledger_->queue_depth())); });
    metrics::gauge("instapay_ledger_queue_transfers_max", "Transfers that may wait; QUEUE_MAX")
        .Set(config_.queue_max);
  }
  const auto publish_pool = [](const std::string& service, const auto* pool) {
    if (pool == nullptr) return;
    auto& up = metrics::gauge("instapay_db_connections", "Connections of the reading pool",
                              {{"service", service}});
    auto& in_flight = metrics::gauge("instapay_db_statements_in_flight",
                                     "Statements sent and not answered", {{"service", service}});
    auto& waiting = metrics::gauge("instapay_db_statements_waiting",
                                   "Statements waiting for a connection", {{"service", service}});
    metrics::before_scrape([=, &up, &in_flight, &waiting] {
      const auto usage = pool->usage();
      up.Set(static_cast<double>(usage.connections));
      in_flight.Set(static_cast<double>(usage.in_flight));
      waiting.Set(static_cast<double>(usage.waiting));
    });
  };
  publish_pool("user", user_db_.get());
  publish_pool("transaction", transaction_db_.get());
  publish_pool("reporting", reporting_db_.get());
  publish_pool("reporting, standbys", standbys_.get());
  if (!standbys_) return;
  auto& lag = metrics::gauge("instapay_replica_lag_seconds",
                             "How far the freshest standby that reports can reach is behind; "
                             "+Inf: none, and reports read the primary");
  metrics::before_scrape([this, &lag] {
    const auto lag_us = standbys_->lag_us();
    lag.Set(lag_us ? static_cast<double>(*lag_us) / 1e6 : std::numeric_limits<double>::infinity());
  });
}

Result<void> Platform::listen() {
  for (auto& [name, server] : servers_)
    if (auto listening = server->listen(); !listening) return listening;
  return {};
}

bool Platform::stop() {
  // All stop accepting before any is waited for.
  std::vector<std::jthread> stops;
  std::atomic<bool> clean = true;
  for (auto& [name, server] : servers_)
    stops.emplace_back([&, s = server.get()] {
      if (!s->stop(std::chrono::microseconds(kShutdownGrace_us))) clean = false;
    });
  stops.clear();
  revocation_feed_->stop();
  if (reporting_) reporting_->reads.stop();
  if (schedule_worker_) schedule_worker_->stop();
  if (hold_worker_) hold_worker_->stop();
  if (ledger_) ledger_->stop(kShutdownGrace_us);
  // What still waits for a server that says nothing ends at the same time, and starts no more.
  connecting_.request_stop();
  return clean;
}

std::vector<std::pair<std::string, std::string>> Platform::addresses() const {
  std::vector<std::pair<std::string, std::string>> lines;
  const char* scheme = config_.tls_cert_file.empty() ? "http" : "https";
  for (const auto& [name, server] : servers_)
    lines.emplace_back(
        name, fmt::format("{}://{}:{}", scheme,
                          config_.bind_address == "0.0.0.0" ? "localhost" : config_.bind_address,
                          server->port()));
  return lines;
}

}  // namespace instapay::app
