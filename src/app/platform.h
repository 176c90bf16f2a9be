#pragma once
// Everything that services of one process share, in the order in which it must be made; destroyed
// in the opposite order.
#include <memory>
#include <stop_token>
#include <vector>

#include "app/housekeeper.h"
#include "app/operations.h"
#include "app/storage_watch.h"
#include "app/web_files.h"
#include "async/io_threads.h"
#include "auth/authenticator.h"
#include "auth/login_throttle.h"
#include "auth/rate_limiter.h"
#include "auth/revocation_feed.h"
#include "mail/mailbox.h"
#include "mail/outbox.h"
#include "net/server.h"
#include "push/outbox.h"
#include "reporting/follower_worker.h"
#include "reporting/service.h"
#include "transaction/hold_worker.h"
#include "transaction/schedule_worker.h"
#include "transaction/service.h"
#include "user/passwords.h"
#include "user/service.h"

namespace instapay::app {

/// Of the services that run here: no process has a key that it does not use.
struct PrivateKeys {
  std::optional<auth::SigningKeys> tokens;    // user
  std::optional<auth::SecretKeys> factors;    // user
  std::optional<push::VapidKeys> vapid;       // user
  std::optional<auth::SigningKeys> receipts;  // transaction
};

class Platform {
 public:
  Platform(const Config& config, Purpose purpose, std::string database_url, PrivateKeys keys);
  ~Platform();

  /// Listens on every port. The error is one line.
  Result<void> listen();
  /// Stops accepting, finishes requests and queued transfers; false when some had to be cut off.
  bool stop();

  /// "user http://127.0.0.1:8000", a line for each server.
  std::vector<std::pair<std::string, std::string>> addresses() const;

 private:
  bool runs(Purpose service) const { return purpose_ == service || purpose_ == Purpose::all; }
  pg::ConnectOptions as_role(std::string_view service) const;
  pg::PoolSize pool_size() const;
  net::ServerOptions server_options(std::string_view service, int port);
  void add_server(std::string_view service, int port, std::initializer_list<Purpose> services);
  void add_routes(net::Router& router, Purpose service);
  void publish_gauges();
  void start_mail();
  void start_push();
  void watch_storage();

  const Config& config_;
  const Purpose purpose_;
  const std::string database_url_;
  const PrivateKeys private_keys_;

  std::stop_source connecting_;  // stops what would connect to the database
  IoThreads threads_;
  auth::KeyStore keys_;
  auth::Revocations revocations_;
  auth::Authenticator authenticator_;
  auth::RateLimiter user_limiter_, address_limiter_, token_limiter_;
  auth::LoginThrottle throttle_, mail_throttle_, client_throttle_;
  const auth::DeviceTokens devices_;
  const auth::LoginChallenges challenges_;
  const auth::PasskeyChallenges passkey_challenges_;

  std::unique_ptr<pg::Pool> user_db_, transaction_db_, reporting_db_;
  std::unique_ptr<pg::StandbyPool> standbys_;  // reports'
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<auth::RevocationFeed> revocation_feed_;
  std::unique_ptr<user::Passwords> passwords_;
  mail::Mailbox mailbox_;
  std::unique_ptr<user::Service> user_;
  std::unique_ptr<transaction::EntryFeed> entry_feed_;
  std::unique_ptr<transaction::Service> transaction_;
  std::unique_ptr<transaction::ScheduleWorker> schedule_worker_;
  std::unique_ptr<transaction::HoldWorker> hold_worker_;
  std::unique_ptr<reporting::Service> reporting_;
  std::vector<std::unique_ptr<Operations>> operations_;
  std::unique_ptr<WebFiles> web_files_;
  std::vector<std::pair<std::string, std::unique_ptr<net::Server>>> servers_;
  std::unique_ptr<StorageWatch> storage_watch_;
  std::unique_ptr<reporting::FollowerWorker> roll_ups_, search_index_, notices_, pushes_;
  std::unique_ptr<Housekeeper> housekeeper_;
  std::unique_ptr<mail::OutboxWorker> mail_worker_;
  std::vector<std::unique_ptr<push::PushWorker>> push_workers_;
};

}  // namespace instapay::app
