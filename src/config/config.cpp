#include "config/config.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <thread>
#include <utility>

#include "auth/secret_keys.h"
#include "auth/signing_key.h"
#include "config/sources.h"
#include "core/check.h"
#include "core/email.h"
#include "core/ip_address.h"
#include "core/text.h"
#include "pg/connection.h"
#include "push/vapid.h"

namespace instapay {
namespace {

class Reader {
 public:
  explicit Reader(const RawSettings& flags) : sources_(flags) {}

  std::vector<std::string> mistakes;

  void mistake(std::string_view name, std::string_view what) {
    mistakes.push_back(fmt::format("{} {}", name, what));
  }

  bool given(std::string_view name) { return find(name).origin != Origin::by_default; }

  std::string text(std::string_view name) { return find(name).text; }

  std::int64_t number(std::string_view name, std::int64_t least, std::int64_t most) {
    const std::string value = text(name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc() && end == value.data() + value.size() && number >= least &&
        number <= most)
      return number;
    mistake(name,
            fmt::format("must be a whole number from {} to {}, not \"{}\"", least, most, value));
    return least;
  }
  int small(std::string_view name, int least, int most) {
    return static_cast<int>(number(name, least, most));
  }

  /// A part of the whole, 0 to 1, in millionths.
  std::uint32_t per_million(std::string_view name) {
    const std::string value = text(name);
    double part = -1;
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), part, std::chars_format::fixed);
    if (error == std::errc() && end == value.data() + value.size() && part >= 0 && part <= 1)
      return static_cast<std::uint32_t>(std::lround(part * 1'000'000));
    mistake(name, fmt::format("must be a number from 0 to 1, not \"{}\"", value));
    return 0;
  }

  std::string choice(std::string_view name, std::initializer_list<std::string_view> allowed) {
    std::string value = text(name);
    if (std::ranges::find(allowed, value) == allowed.end())
      mistake(name, fmt::format("must be one of {}, not \"{}\"", fmt::join(allowed, ", "), value));
    return value;
  }

  std::int64_t amount(std::string_view name, Currency currency) {
    const auto minor = parse_amount(text(name), currency);
    if (minor && *minor >= 0) return *minor;
    mistake(name, fmt::format("must be an amount such as {}", format_amount(100'000, currency)));
    return 0;
  }

 private:
  SettingValue find(std::string_view name) {
    const Setting* setting = find_setting(name);
    CHECK(setting != nullptr);
    SettingValue value = sources_.find(*setting);
    for (; told_ < sources_.unreadable().size(); ++told_)
      mistake(sources_.unreadable()[told_].variable, sources_.unreadable()[told_].problem);
    return value;
  }

  Sources sources_;
  std::size_t told_ = 0;  // of the files that cannot be read
};

// What production demands beyond the settings that it requires; `demand` in the list of settings.
void check_demands(const Config& config, Reader& reader) {
  if (config.bcrypt_cost < 10) reader.mistake("BCRYPT_COST", "must be at least 10 in production");
  if (config.tls_cert_file.empty() && config.trusted_proxies.empty())
    reader.mistake("TLS_CERT_FILE",
                   "is required in production, unless TRUSTED_PROXIES names who speaks TLS");
  if (!config.operator_password.empty() && config.operator_password.size() < 12)
    reader.mistake("OPERATOR_PASSWORD", "must have at least 12 characters in production");
  if (config.smtp_url.empty()) return;
  if (!config.smtp_tls) reader.mistake("SMTP_TLS", "must be required in production");
  if (!config.public_url.starts_with("https://"))
    reader.mistake("PUBLIC_URL", "must be an https URL in production, where SMTP_URL is set");
}

Processes processes_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::user:
      return kUser;
    case Purpose::transaction:
      return kTransaction;
    case Purpose::reporting:
      return kReporting;
    case Purpose::all:
      return kAll;
    case Purpose::command:
      return kCommands;
  }
  std::unreachable();
}

void check_production(const Config& config, Purpose purpose, Reader& reader) {
  for (const Setting& setting : all_settings()) {
    if ((setting.required_by & processes_of(purpose)) == 0 || reader.given(setting.name)) continue;
    // A default that development likes may be none that production wants.
    reader.mistake(setting.name,
                   setting.default_value.empty()
                       ? std::string("is required in production")
                       : fmt::format("must be said in production, where {} is not the default",
                                     setting.default_value));
  }
  if (purpose != Purpose::command) check_demands(config, reader);
}

// What is signed for one purpose must not pass for the other, whoever checks it and however.
void check_keys(const Config& config, Reader& reader) {
  const auto read = [&](const auth::KeyPurpose& purpose, const std::string& pem) {
    auto keys = auth::SigningKeys::from_pem(pem, purpose);
    if (!pem.empty() && !keys) reader.mistake(purpose.setting, "is not usable: " + keys.error());
    return keys;
  };
  const auto tokens = read(auth::kTokenKeys, config.jwt_private_key);
  const auto receipts = read(auth::kReceiptKeys, config.receipt_private_key);
  const auto pushes = read(push::kVapidKeysPurpose, config.vapid_private_key);
  if (tokens && receipts && tokens->public_keys().shares_a_key(receipts->public_keys()))
    reader.mistake("RECEIPT_PRIVATE_KEY", "must not have a key of JWT_PRIVATE_KEY");
  for (const auto& [name, others] :
       {std::pair{"JWT_PRIVATE_KEY", &tokens}, std::pair{"RECEIPT_PRIVATE_KEY", &receipts}})
    if (pushes && *others && pushes->public_keys().shares_a_key((*others)->public_keys()))
      reader.mistake("VAPID_PRIVATE_KEY", fmt::format("must not have a key of {}", name));
  if (config.factor_key.empty()) return;
  if (const auto factors = auth::SecretKeys::parse(config.factor_key); !factors)
    reader.mistake("FACTOR_KEY", "is not usable: " + factors.error());
}

// What a PIN stands for in all is at least one payment.
void read_pin_limits(Config& config, Reader& reader) {
  config.pin_payment_limit_minor = reader.amount("PIN_PAYMENT_LIMIT", config.currency);
  config.pin_daily_limit_minor = reader.amount("PIN_DAILY_LIMIT", config.currency);
  if (config.pin_daily_limit_minor < config.pin_payment_limit_minor)
    reader.mistake("PIN_DAILY_LIMIT", "must be at least PIN_PAYMENT_LIMIT");
}

constexpr std::int64_t kStorageMax_bytes = std::int64_t{1} << 60;
constexpr std::string_view kSenderHere = "wallet@instapay.invalid";  // on the page of developers

bool is_web_url(std::string_view url) {
  return (url.starts_with("http://") || url.starts_with("https://")) &&
         url.find_first_of("?#@\"<> ") == std::string_view::npos;
}

// Where mails go, whom they come from, and where their links lead.
void read_mail(Config& config, Reader& reader) {
  config.public_url = reader.text("PUBLIC_URL");
  while (config.public_url.ends_with('/')) config.public_url.pop_back();
  if (config.public_url.empty()) {
    config.public_url = fmt::format("http://localhost:{}", config.gateway_port);
  } else if (!is_web_url(config.public_url)) {
    reader.mistake("PUBLIC_URL", "must be an http or https URL without a query or a user's name");
  }
  config.smtp_url = reader.text("SMTP_URL");
  config.smtp_username = reader.text("SMTP_USERNAME");
  config.smtp_password = reader.text("SMTP_PASSWORD");
  config.smtp_tls = reader.choice("SMTP_TLS", {"required", "off"}) == "required";
  config.smtp_ca_file = reader.text("SMTP_CA_FILE");
  if (!config.smtp_ca_file.empty() && !std::filesystem::exists(config.smtp_ca_file))
    reader.mistake("SMTP_CA_FILE",
                   fmt::format("names a file that is not there: {}", config.smtp_ca_file));
  const auto from = normalize_email(reader.given("MAIL_FROM") ? reader.text("MAIL_FROM")
                                                              : std::string(kSenderHere));
  if (!from) reader.mistake("MAIL_FROM", "must be an address like wallet@example.com");
  config.mail_from = from.value_or("");
  config.grants_after_verification =
      reader.choice("OPENING_GRANT", {"registration", "verification"}) == "verification";
  if (config.grants_after_verification && !config.sends_mails())
    reader.mistake("OPENING_GRANT", "cannot wait for verification without SMTP_URL");
  if (config.smtp_url.empty()) return;
  const bool is_smtps = config.smtp_url.starts_with("smtps://");
  if (!is_smtps && !config.smtp_url.starts_with("smtp://"))
    reader.mistake("SMTP_URL", "must be like smtp://mail.example.com:587, or smtps:// with 465");
  if (config.smtp_url.contains('@'))
    reader.mistake("SMTP_URL", "must not have a password: SMTP_USERNAME and SMTP_PASSWORD do");
  if (is_smtps && !config.smtp_tls)
    reader.mistake("SMTP_TLS", "cannot be off where SMTP_URL is smtps://");
  if (!config.smtp_username.empty() && config.smtp_password.empty())
    reader.mistake("SMTP_PASSWORD", "is needed with SMTP_USERNAME");
  if (!config.smtp_tls && !config.smtp_username.empty())
    reader.mistake("SMTP_TLS", "must be required where a password is sent");
  for (const char* name : {"MAIL_FROM", "PUBLIC_URL"})
    if (!reader.given(name)) reader.mistake(name, "is needed with SMTP_URL");
}

// Of a URL: scheme, host and port, as browsers write an origin.
std::string origin_of(std::string_view url) {
  const std::size_t host = url.find("://");
  if (host == url.npos) return {};
  std::string origin = lower_ascii(url.substr(0, url.find('/', host + 3)));
  for (const auto& [scheme, port] : {std::pair{"http://", ":80"}, std::pair{"https://", ":443"}})
    if (origin.starts_with(scheme) && origin.ends_with(port))
      origin.erase(origin.size() - std::string_view(port).size());
  return origin;
}

std::string host_of(std::string_view origin) {
  std::string_view host = origin.substr(origin.find("://") + 3);
  if (!host.starts_with('[')) host = host.substr(0, host.find(':'));
  return std::string(host);
}

bool is_domain(std::string_view host) {
  return !host.empty() && !host.starts_with('[') && !IpAddress::parse(host) &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == host.npos;
}

// Browsers show passkeys of a domain to it and to what is below it, over TLS or on one's own
// machine.
bool may_show(std::string_view origin, const std::string& domain) {
  const std::string host = host_of(origin);
  const bool safe = origin.starts_with("https://") || host == "localhost";
  return safe && (host == domain || host.ends_with("." + domain));
}

// After PUBLIC_URL. Without it there are no passkeys but while developing: whose domain is guessed
// loses all of them when that turns out to be another one.
void read_passkeys(Config& config, Reader& reader, std::vector<std::string> origins) {
  const bool is_known = reader.given("PUBLIC_URL") || !config.production();
  const std::string own = is_known ? origin_of(config.public_url) : std::string();
  const bool domain_given = reader.given("PASSKEY_DOMAIN");
  std::string domain = domain_given  ? lower_ascii(reader.text("PASSKEY_DOMAIN"))
                       : own.empty() ? std::string()
                                     : host_of(own);
  if (!is_domain(domain)) {
    if (domain_given) reader.mistake("PASSKEY_DOMAIN", "must be a domain such as pay.example.com");
    return;
  }
  const bool origins_given = !origins.empty();
  if (!origins_given && !own.empty()) origins.push_back(own);
  for (const std::string& origin : origins) {
    if (origin == origin_of(origin) && may_show(origin, domain)) continue;
    if (origins_given) {
      reader.mistake(
          "PASSKEY_ORIGINS",
          fmt::format("must be https origins at {} or below it, not \"{}\"", domain, origin));
    } else if (domain_given) {
      reader.mistake("PASSKEY_DOMAIN", "must be the host of PUBLIC_URL, or above it");
    } else {
      return;  // no browser shows any at such an address
    }
  }
  config.passkey_domain = std::move(domain);
  config.passkey_origins = std::move(origins);
}

// What each setting has to be by itself, beyond its type.
void check_values(const Config& config, Purpose purpose, Reader& reader) {
  in6_addr address;
  if (inet_pton(AF_INET, config.bind_address.c_str(), &address) != 1 &&
      inet_pton(AF_INET6, config.bind_address.c_str(), &address) != 1)
    reader.mistake("BIND_ADDRESS",
                   fmt::format("must be an IP address, not \"{}\"", config.bind_address));
  for (const auto& [name, url] :
       {std::pair{"DATABASE_URL", config.database_url},
        std::pair{"REPORTING_DATABASE_URL", config.reporting_database_url}})
    if (const auto problem = pg::check_url(url); !problem.empty())
      reader.mistake(name, "is not a libpq connection string: " + problem);
  // What authorises is read there.
  if (purpose != Purpose::command && pg::may_lead_to_a_standby(config.database_url))
    reader.mistake(
        "DATABASE_URL",
        "must lead to the primary: its target_session_attrs may be read-write or primary");
  check_keys(config, reader);
  const bool keeps_users = purpose == Purpose::user || purpose == Purpose::all;
  if (keeps_users && config.unverified_daily_limit_minor > 0 && !config.sends_mails())
    reader.mistake("UNVERIFIED_DAILY_LIMIT", "would never end without SMTP_URL");
  if (keeps_users && config.approval_signatures == ApprovalSignatures::required &&
      config.passkey_domain.empty())
    reader.mistake("APPROVAL_SIGNATURES",
                   "cannot be required without passkeys: set PUBLIC_URL or PASSKEY_DOMAIN");
  for (const auto& [name, url] :
       {std::pair{"JWKS_URL", config.jwks_url}, std::pair{"USER_URL", config.user_url},
        std::pair{"TRANSACTION_URL", config.transaction_url},
        std::pair{"REPORTING_URL", config.reporting_url}})
    if (!url.empty() && !url.starts_with("http://") && !url.starts_with("https://"))
      reader.mistake(name, "must be an http or https URL");
  if (!config.support_contact.empty() &&
      std::ranges::none_of(std::array{"https://", "mailto:", "tel:"}, [&](const char* scheme) {
        return config.support_contact.starts_with(scheme);
      }))
    reader.mistake("SUPPORT_CONTACT", "must be an https, mailto or tel URL");
  // What EMVCo's codes have room for, and what every scanner reads the same.
  if (!config.payment_code_guid.empty() &&
      (config.payment_code_guid.size() > kPaymentCodeGuidMax_chars ||
       config.payment_code_guid.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") !=
           std::string::npos))
    reader.mistake("PAYMENT_CODE_GUID", fmt::format("must have 1 to {} of: a to z, 0 to 9, . and -",
                                                    kPaymentCodeGuidMax_chars));
  if (!config.storage_path.empty() && purpose != Purpose::command &&
      !std::filesystem::exists(config.storage_path))
    reader.mistake("STORAGE_PATH",
                   fmt::format("names a file that is not there: {}", config.storage_path));
  if (config.storage_max_bytes != 0 && config.storage_max_bytes <= config.storage_free_min_bytes)
    reader.mistake("STORAGE_MAX_BYTES", "must be more than STORAGE_FREE_MIN_BYTES");
  if (purpose != Purpose::all) return;
  const std::pair<const char*, int> ports[] = {{"USER_PORT", config.user_port},
                                               {"TRANSACTION_PORT", config.transaction_port},
                                               {"REPORTING_PORT", config.reporting_port},
                                               {"GATEWAY_PORT", config.gateway_port}};
  for (const auto* a = std::begin(ports); a != std::end(ports); ++a)
    for (const auto* b = a + 1; b != std::end(ports); ++b)
      if (a->second != 0 && a->second == b->second)
        reader.mistake(b->first, fmt::format("is the same as {} ({})", a->first, a->second));
}

void read_traces(Config& config, Reader& reader) {
  constexpr std::string_view kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
  config.otlp_endpoint = reader.text(kEndpoint);
  if (!config.otlp_endpoint.empty() && !is_web_url(config.otlp_endpoint))
    reader.mistake(kEndpoint, "must be an http or https URL without a query or a user's name");
  config.traces_per_million = reader.per_million("OTEL_TRACES_SAMPLER_ARG");
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> items;
  std::size_t at = 0;
  while (at <= text.size()) {
    const auto comma = std::min(text.find(',', at), text.size());
    std::string item = text.substr(at, comma - at);
    std::erase(item, ' ');
    if (!item.empty()) items.push_back(std::move(item));
    at = comma + 1;
  }
  return items;
}

// Where pushes may be sent, and who answers for them (RFC 8292): a mail address or a web page.
void read_push(Config& config, Reader& reader) {
  config.vapid_private_key = reader.text("VAPID_PRIVATE_KEY");
  const bool may_be_loopback = config.environment == Environment::development;
  auto hosts = push::PushHosts::parse(split_list(reader.text("PUSH_HOSTS")), may_be_loopback);
  if (!hosts) reader.mistake("PUSH_HOSTS", hosts.error());
  config.push_hosts = std::move(hosts).value_or(push::PushHosts());
  config.push_subject = config.support_contact.starts_with("tel:") || config.support_contact.empty()
                            ? config.public_url
                            : config.support_contact;
}

std::vector<IpNetwork> read_networks(Reader& reader, std::string_view name) {
  std::vector<IpNetwork> networks;
  for (const std::string& item : split_list(reader.text(name))) {
    const auto network = IpNetwork::parse(item);
    if (!network) {
      reader.mistake(
          name, fmt::format("must be networks such as 10.0.0.0/8 or fd00::/8, not \"{}\"", item));
    } else if (network->is_everything()) {
      reader.mistake(name, fmt::format("must not name everybody ({})", item));
    } else {
      networks.push_back(*network);
    }
  }
  return networks;
}

}  // namespace

std::expected<Config, std::vector<std::string>> parse_config(const RawSettings& flags,
                                                             Purpose purpose) {
  Reader read(flags);
  Config c;
  const std::string environment =
      read.choice("INSTAPAY_ENV", {"development", "staging", "production"});
  c.environment = environment == "production" ? Environment::production
                  : environment == "staging"  ? Environment::staging
                                              : Environment::development;
  c.database_url = read.text("DATABASE_URL");
  c.reporting_database_url = read.text("REPORTING_DATABASE_URL");
  c.data_dir = read.text("DATA_DIR");
  c.web_dir = read.text("WEB_DIR");
  c.bind_address = read.text("BIND_ADDRESS");
  c.user_port = read.small("USER_PORT", 0, 65535);
  c.transaction_port = read.small("TRANSACTION_PORT", 0, 65535);
  c.reporting_port = read.small("REPORTING_PORT", 0, 65535);
  c.gateway_port = read.small("GATEWAY_PORT", 0, 65535);
  c.operator_email = read.text("OPERATOR_EMAIL");
  c.operator_password = read.text("OPERATOR_PASSWORD");
  if (purpose != Purpose::command && c.operator_email.empty() != c.operator_password.empty())
    read.mistake("OPERATOR_EMAIL", "and OPERATOR_PASSWORD go together");
  c.staff_factor_required =
      read.choice("STAFF_SECOND_FACTOR", {"optional", "required"}) == "required";
  const std::string approvals = read.choice("APPROVALS", {"auto", "on", "off"});
  c.approvals = approvals == "auto" ? c.production() : approvals == "on";
  const std::string signatures =
      read.choice("APPROVAL_SIGNATURES", {"auto", "optional", "passkey", "required"});
  c.approval_signatures = signatures == "required"                 ? ApprovalSignatures::required
                          : signatures == "passkey"                ? ApprovalSignatures::passkey
                          : signatures == "auto" && c.production() ? ApprovalSignatures::passkey
                                                                   : ApprovalSignatures::optional;
  c.support_contact = read.text("SUPPORT_CONTACT");
  c.payment_code_guid = read.text("PAYMENT_CODE_GUID");
  if (const auto currency = Currency::find(read.text("CURRENCY"))) {
    c.currency = *currency;
  } else {
    read.mistake("CURRENCY",
                 fmt::format("is not a known ISO 4217 code: \"{}\"", read.text("CURRENCY")));
  }
  // The default is written for two digits; currencies without minor units take it whole.
  c.opening_balance_minor = read.given("OPENING_BALANCE")
                                ? read.amount("OPENING_BALANCE", c.currency)
                                : parse_amount("1000", c.currency).value_or(0);
  c.approval_adjustment_above_minor = read.amount("APPROVAL_ADJUSTMENT_ABOVE", c.currency);
  c.transfer_limit_minor = read.amount("TRANSFER_LIMIT", c.currency);
  c.daily_limit_minor = read.amount("DAILY_LIMIT", c.currency);
  c.unverified_daily_limit_minor = read.amount("UNVERIFIED_DAILY_LIMIT", c.currency);
  read_pin_limits(c, read);
  c.bcrypt_cost = read.small("BCRYPT_COST", 4, 16);
  c.access_token_ttl_s = read.number("ACCESS_TOKEN_TTL_S", 1, 86'400);
  c.refresh_token_ttl_s = read.number("REFRESH_TOKEN_TTL_S", 1, 31'536'000);
  c.session_ttl_s = read.number("SESSION_TTL_S", 1, 315'360'000);
  c.jwt_private_key = read.text("JWT_PRIVATE_KEY");
  c.receipt_private_key = read.text("RECEIPT_PRIVATE_KEY");
  c.factor_key = read.text("FACTOR_KEY");
  c.jwks_url = read.text("JWKS_URL");
  c.user_url = read.text("USER_URL");
  c.transaction_url = read.text("TRANSACTION_URL");
  c.reporting_url = read.text("REPORTING_URL");
  c.rate_limit_user_per_s = read.small("RATE_LIMIT_USER_PER_S", 0, 1'000'000);
  c.rate_limit_address_per_s = read.small("RATE_LIMIT_ADDRESS_PER_S", 0, 1'000'000);
  c.login_attempts_per_min = read.small("LOGIN_ATTEMPTS_PER_MIN", 0, 1'000'000);
  c.connections_per_address = read.small("CONNECTIONS_PER_ADDRESS", 0, 1'000'000);
  c.cors_origins = split_list(read.text("CORS_ORIGINS"));
  if (c.cors_origins.empty())
    for (const char* host : {"localhost", "127.0.0.1"})
      c.cors_origins.push_back(fmt::format("http://{}:{}", host, c.gateway_port));
  c.tls_cert_file = read.text("TLS_CERT_FILE");
  c.tls_key_file = read.text("TLS_KEY_FILE");
  if (c.tls_cert_file.empty() != c.tls_key_file.empty())
    read.mistake("TLS_CERT_FILE", "and TLS_KEY_FILE go together");
  for (const auto& [name, path] :
       {std::pair{"TLS_CERT_FILE", c.tls_cert_file}, std::pair{"TLS_KEY_FILE", c.tls_key_file}})
    if (!path.empty() && !std::filesystem::exists(path))
      read.mistake(name, fmt::format("names a file that is not there: {}", path));
  c.trusted_proxies = read_networks(read, "TRUSTED_PROXIES");
  read_mail(c, read);
  read_push(c, read);
  read_passkeys(c, read, split_list(read.text("PASSKEY_ORIGINS")));
  c.batch_max = read.small("BATCH_MAX", 1, 10'000);
  c.queue_max = read.small("QUEUE_MAX", 1'000, 1'000'000);
  c.committers = read.small("COMMITTERS", 1, 64);
  c.io_threads = read.small("IO_THREADS", 0, 256);
  if (c.io_threads == 0)
    c.io_threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
  c.db_pool = read.small("DB_POOL", 1, 256);
  c.db_connection_max_age_s = read.number("DB_CONNECTION_MAX_AGE_S", 0, 604'800);
  c.replica_lag_max_s = read.number("REPLICA_LAG_MAX_S", 1, 3'600);
  c.log_level = read.choice("LOG_LEVEL", {"debug", "info", "warn", "error", "off"});
  c.log_requests_per_s = read.small("LOG_REQUESTS_PER_S", 0, 1'000'000);
  read_traces(c, read);
  c.log_format = read.choice("LOG_FORMAT", {"auto", "text", "json"});
  c.storage_path = read.text("STORAGE_PATH");
  c.storage_max_bytes = read.number("STORAGE_MAX_BYTES", 0, kStorageMax_bytes);
  c.storage_free_min_bytes = read.number("STORAGE_FREE_MIN_BYTES", 0, kStorageMax_bytes);
  check_values(c, purpose, read);
  if (c.production()) check_production(c, purpose, read);
  if (!read.mistakes.empty()) return std::unexpected(std::move(read.mistakes));
  return c;
}

}  // namespace instapay
