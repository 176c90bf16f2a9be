#pragma once
// All configuration: one struct, read from flags and environment, validated at once. The list of
// settings is in settings.h.
#include <cstdint>
#include <string>
#include <vector>

#include "config/sources.h"
#include "core/error.h"
#include "core/ip_address.h"
#include "core/money.h"
#include "push/hosts.h"

namespace instapay {

enum class Environment : std::uint8_t { development, staging, production };

/// Who signs a proposal with a passkey (APPROVAL_SIGNATURES): nobody has to; who approves it, where
/// they have one; both who propose and who approve.
enum class ApprovalSignatures : std::uint8_t { optional, passkey, required };

struct Config {
  Environment environment = Environment::development;
  std::string database_url, reporting_database_url;  // empty: private cluster in data_dir
  std::string data_dir;
  std::string web_dir;
  std::string bind_address;
  int user_port = 0, transaction_port = 0, reporting_port = 0, gateway_port = 0;
  std::string operator_email, operator_password;
  bool staff_factor_required = false;
  bool approvals = false;  // whether some of what staff do needs another one of them
  std::int64_t approval_adjustment_above_minor = 0;  // adjustments up to that a day do not
  ApprovalSignatures approval_signatures = ApprovalSignatures::optional;
  std::string support_contact;  // a URL; empty: none
  std::string payment_code_guid;
  Currency currency;
  std::int64_t opening_balance_minor = 0;
  std::int64_t transfer_limit_minor = 0, daily_limit_minor = 0;         // 0: none
  std::int64_t unverified_daily_limit_minor = 0;                        // 0: none
  std::int64_t pin_payment_limit_minor = 0, pin_daily_limit_minor = 0;  // 0: there are no PINs
  int bcrypt_cost = 0;
  std::int64_t access_token_ttl_s = 0, refresh_token_ttl_s = 0;
  std::int64_t session_ttl_s = 7'776'000;
  std::string jwt_private_key, jwks_url, receipt_private_key, factor_key;
  // Where reporting asks how each service is; empty: on this host.
  std::string user_url, transaction_url, reporting_url;
  int rate_limit_user_per_s = 0, rate_limit_address_per_s = 0, login_attempts_per_min = 0;
  std::vector<std::string> cors_origins;
  std::string tls_cert_file, tls_key_file;
  std::vector<IpNetwork> trusted_proxies;
  std::string public_url;  // of the wallet, without a slash at its end
  // The domain of passkeys, and the origins they may be shown at; empty: there are none.
  std::string passkey_domain;
  std::vector<std::string> passkey_origins;
  std::string smtp_url, smtp_username, smtp_password, smtp_ca_file, mail_from;
  bool smtp_tls = true;
  bool grants_after_verification = false;
  int connections_per_address = 0;
  int batch_max = 0, queue_max = 0, committers = 0, io_threads = 0, db_pool = 0;
  std::int64_t db_connection_max_age_s = 0, replica_lag_max_s = 0;
  std::string log_level, log_format;
  int log_requests_per_s = 0;  // 0: all
  std::string otlp_endpoint;   // empty: no traces
  std::uint32_t traces_per_million = 0;
  std::string storage_path;  // on the database's file system; empty: none that can be seen here
  std::int64_t storage_max_bytes = 0;  // of the database's volume; 0: not known
  std::int64_t storage_free_min_bytes = 0;
  bool demo = false;
  push::PushHosts push_hosts;  // empty: nothing is pushed
  std::string vapid_private_key;
  std::string push_subject;  // whom push services write to

  bool production() const { return environment == Environment::production; }
  bool private_cluster() const { return database_url.empty(); }
  /// Without a mail server mails are shown on a page, while developing.
  bool shows_mails() const { return smtp_url.empty() && environment == Environment::development; }
  bool sends_mails() const { return !smtp_url.empty() || shows_mails(); }
};

/// Which process is about to run with the configuration: production asks for different things.
enum class Purpose : std::uint8_t { user, transaction, reporting, all, command };

/// Every mistake at once, each naming its setting.
std::expected<Config, std::vector<std::string>> parse_config(const RawSettings& flags,
                                                             Purpose purpose);

}  // namespace instapay
