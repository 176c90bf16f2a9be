#include "config/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/json.h"
#include "core/text.h"

namespace instapay {
namespace {

constexpr std::pair<Processes, std::string_view> kNames[] = {
    {kUser, "user"},           {kTransaction, "transaction"},
    {kReporting, "reporting"}, {kAll, "all"},
    {kMigrate, "migrate"},     {kAudit, "audit"},
    {kSeed, "seed"},           {kHeads, "heads"}};

constexpr Processes kLedgers = kUser | kTransaction | kAll;  // what writes to the books
constexpr Processes kVerifiers = kTransaction | kReporting;  // without the keys that sign
constexpr Processes kEverybody = kServices | kCommands;

constexpr Setting kSettings[] = {
    {.name = "INSTAPAY_ENV",
     .default_value = "development",
     .help = "development, staging or production",
     .used_by = kEverybody,
     .shared = true},
    {.name = "DATABASE_URL",
     .default_value = "",
     .help = "libpq URI; unset: a private PostgreSQL cluster in DATA_DIR",
     .used_by = kEverybody,
     .required_by = kEverybody,
     .secret = true},
    {.name = "REPORTING_DATABASE_URL",
     .default_value = "",
     .help = "streaming standbys that reports may be read on",
     .used_by = kReporting | kAll,
     .secret = true},
    {.name = "REPLICA_LAG_MAX_S",
     .default_value = "10",
     .help = "a standby that is further behind is not read: the primary is",
     .used_by = kReporting | kAll},
    {.name = "DATA_DIR",
     .default_value = ".data",
     .help = "private cluster and development keys",
     .used_by = kEverybody},
    {.name = "WEB_DIR",
     .default_value = "web/dist",
     .help = "the built web wallet, served by the gateway",
     .used_by = kAll},
    {.name = "BIND_ADDRESS",
     .default_value = "127.0.0.1",
     .help = "address to listen on",
     .used_by = kServices},
    {.name = "USER_PORT",
     .default_value = "8000",
     .help = "port of the user service",
     .used_by = kUser | kAll},
    {.name = "TRANSACTION_PORT",
     .default_value = "8001",
     .help = "port of the transaction service",
     .used_by = kTransaction | kAll},
    {.name = "REPORTING_PORT",
     .default_value = "8002",
     .help = "port of the reporting service",
     .used_by = kReporting | kAll},
    {.name = "GATEWAY_PORT",
     .default_value = "8080",
     .help = "port of wallet and all routes together (serve all)",
     .used_by = kAll},
    {.name = "OPERATOR_EMAIL",
     .default_value = "",
     .help = "makes this operator at start when missing",
     .used_by = kUser | kAll},
    {.name = "OPERATOR_PASSWORD",
     .default_value = "",
     .help = "its password",
     .used_by = kUser | kAll,
     .demand = "at least 12 characters",
     .secret = true},
    {.name = "STAFF_SECOND_FACTOR",
     .default_value = "optional",
     .help = "optional, or required: operators and auditors act only after showing one",
     .used_by = kServices,
     .required_by = kServices,
     .demand = "no default: say which",
     .shared = true},
    {.name = "APPROVALS",
     .default_value = "auto",
     .help =
         "on: adjustments, roles, erasures and the like need a second operator; off; auto: on in "
         "production",
     .used_by = kUser | kAll},
    {.name = "APPROVAL_ADJUSTMENT_ABOVE",
     .default_value = "0",
     .help = "adjustments up to this amount a day, of each operator and each wallet, need none",
     .used_by = kUser | kAll},
    {.name = "APPROVAL_SIGNATURES",
     .default_value = "auto",
     .help =
         "who signs with a passkey: optional, nobody has to; passkey, who approves and has one; "
         "required, who proposes and who approves; auto: passkey in production",
     .used_by = kUser | kAll},
    {.name = "SUPPORT_CONTACT",
     .default_value = "",
     .help = "where the wallet sends people who need help: an https, mailto or tel URL",
     .used_by = kUser | kAll},
    {.name = "PAYMENT_CODE_GUID",
     .default_value = "app.mini-instapay",
     .help = "names this installation's EMVCo codes among those of other schemes: a domain turned "
             "around",
     .used_by = kTransaction | kAll},
    {.name = "CURRENCY",
     .default_value = "EGP",
     .help = "ISO 4217 code of the one currency",
     .used_by = kServices | kAudit | kSeed,
     .shared = true},
    {.name = "OPENING_BALANCE",
     .default_value = "1000.00",
     .help = "grant to every new wallet; 0 for none",
     .used_by = kUser | kAll | kSeed,
     .required_by = kUser | kAll,
     .demand = "no default: 0, or what you mean to give away",
     .shared = true},
    {.name = "OPENING_GRANT",
     .default_value = "registration",
     .help = "when it is given: at registration, or after the verification of the address",
     .used_by = kUser | kAll},
    {.name = "TRANSFER_LIMIT",
     .default_value = "0",
     .help = "most that one transfer may move; 0 for no limit",
     .used_by = kLedgers,
     .shared = true},
    {.name = "DAILY_LIMIT",
     .default_value = "0",
     .help = "most that a user may send in a UTC day; 0 for no limit",
     .used_by = kLedgers,
     .shared = true},
    {.name = "UNVERIFIED_DAILY_LIMIT",
     .default_value = "0",
     .help = "most that a user may send in a UTC day before the e-mail address is verified; 0 for "
             "no such limit",
     .used_by = kLedgers,
     .shared = true},
    {.name = "PIN_PAYMENT_LIMIT",
     .default_value = "200",
     .help = "most that one payment may move which a PIN stands for; 0: there are no PINs",
     .used_by = kUser | kTransaction | kAll,
     .shared = true},
    {.name = "PIN_DAILY_LIMIT",
     .default_value = "600",
     .help = "most that PINs stand for in a UTC day, of one user",
     .used_by = kUser | kTransaction | kAll,
     .shared = true},
    {.name = "BCRYPT_COST",
     .default_value = "12",
     .help = "4 to 16",
     .used_by = kUser | kAll | kSeed,
     .demand = "at least 10",
     .shared = true},
    {.name = "ACCESS_TOKEN_TTL_S",
     .default_value = "900",
     .help = "life of an access token",
     .used_by = kServices,
     .shared = true},
    {.name = "REFRESH_TOKEN_TTL_S",
     .default_value = "2592000",
     .help = "life of a refresh token",
     .used_by = kUser | kAll},
    {.name = "SESSION_TTL_S",
     .default_value = "7776000",
     .help = "life of a session, however often it is refreshed",
     .used_by = kUser | kAll},
    {.name = "JWT_PRIVATE_KEY",
     .default_value = "",
     .help = "RSA or P-256 key in PEM; several: the first signs, all verify",
     .used_by = kUser | kAll,
     .required_by = kUser | kAll,
     .secret = true},
    {.name = "FACTOR_KEY",
     .default_value = "",
     .help =
         "AES-256 key of second factors' secrets, base64url; several: the first seals, all open",
     .used_by = kUser | kAll,
     .required_by = kUser | kAll,
     .secret = true},
    {.name = "VAPID_PRIVATE_KEY",
     .default_value = "",
     .help = "P-256 key that pushes are signed with; several: browsers subscribe with the first; "
             "not one of the others",
     .used_by = kUser | kAll,
     .required_by = kUser | kAll,
     .secret = true},
    {.name = "RECEIPT_PRIVATE_KEY",
     .default_value = "",
     .help = "P-256 key for receipts, likewise; not one of the above",
     .used_by = kTransaction | kReporting | kAll | kHeads,
     .required_by = kTransaction | kReporting | kAll,
     .secret = true},
    {.name = "JWKS_URL",
     .default_value = "",
     .help = "where verifying services fetch keys; default: the user service here",
     .used_by = kVerifiers,
     .required_by = kVerifiers,
     .shared = true},
    {.name = "USER_URL",
     .default_value = "",
     .help = "where reporting asks every replica of the user service how it is; default: here",
     .used_by = kReporting,
     .required_by = kReporting},
    {.name = "TRANSACTION_URL",
     .default_value = "",
     .help = "the same for the transaction service, and the ledger's figures",
     .used_by = kReporting,
     .required_by = kReporting},
    {.name = "REPORTING_URL",
     .default_value = "",
     .help = "the same for the reporting service; default: this process alone",
     .used_by = kReporting,
     .required_by = kReporting},
    {.name = "RATE_LIMIT_USER_PER_S",
     .default_value = "50",
     .help = "requests a second by one user; 0: no limit",
     .used_by = kServices,
     .shared = true},
    {.name = "RATE_LIMIT_ADDRESS_PER_S",
     .default_value = "100",
     .help = "requests a second from one address; 0: no limit",
     .used_by = kServices,
     .shared = true},
    {.name = "CONNECTIONS_PER_ADDRESS",
     .default_value = "1000",
     .help = "open at once to each server; 0: no limit",
     .used_by = kServices,
     .shared = true},
    {.name = "LOGIN_ATTEMPTS_PER_MIN",
     .default_value = "10",
     .help = "failed logins a minute by account and address; 0: no limit",
     .used_by = kUser | kAll},
    {.name = "CORS_ORIGINS",
     .default_value = "",
     .help = "comma-separated origins; default: the gateway's own",
     .used_by = kServices,
     .shared = true},
    {.name = "PUBLIC_URL",
     .default_value = "",
     .help = "of the wallet, as people open it: links in mails, QR codes on paper and the OAuth "
             "metadata begin with it; default: the gateway here",
     .used_by = kServices,
     .demand = "https, with SMTP_URL",
     .shared = true},
    {.name = "PASSKEY_DOMAIN",
     .default_value = "",
     .help = "RP ID of passkeys, which never changes; default: the host of PUBLIC_URL",
     .used_by = kUser | kTransaction | kAll,
     .demand = "PUBLIC_URL, or there are no passkeys",
     .shared = true},
    {.name = "PASSKEY_ORIGINS",
     .default_value = "",
     .help = "comma-separated origins that show them; default: that of PUBLIC_URL",
     .used_by = kUser | kTransaction | kAll,
     .shared = true},
    {.name = "SMTP_URL",
     .default_value = "",
     .help = "smtp://host:587 (STARTTLS) or smtps://host:465; unset: no mail, in development at "
             "/dev/mails",
     .used_by = kUser | kAll},
    {.name = "SMTP_USERNAME",
     .default_value = "",
     .help = "to sign in at the mail server; unset: without",
     .used_by = kUser | kAll},
    {.name = "SMTP_PASSWORD",
     .default_value = "",
     .help = "its password",
     .used_by = kUser | kAll,
     .secret = true},
    {.name = "SMTP_TLS",
     .default_value = "required",
     .help = "required, or off for a mail server on the same host",
     .used_by = kUser | kAll,
     .demand = "required"},
    {.name = "SMTP_CA_FILE",
     .default_value = "",
     .help = "certificates in PEM that vouch for the mail server; default: the system's",
     .used_by = kUser | kAll},
    {.name = "MAIL_FROM",
     .default_value = "",
     .help = "address that mails come from",
     .used_by = kUser | kAll,
     .demand = "with SMTP_URL"},
    {.name = "PUSH_HOSTS",
     .default_value = "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,"
                      "*.notify.windows.com",
     .help =
         "comma-separated hosts of push services that browsers may name; none: nothing is pushed",
     .used_by = kUser | kAll},
    {.name = "TLS_CERT_FILE",
     .default_value = "",
     .help = "certificate chain in PEM: HTTPS in the services themselves",
     .used_by = kServices,
     .demand = "this or TRUSTED_PROXIES"},
    {.name = "TLS_KEY_FILE", .default_value = "", .help = "its private key", .used_by = kServices},
    {.name = "TRUSTED_PROXIES",
     .default_value = "",
     .help = "comma-separated networks whose X-Forwarded-For and -Proto count",
     .used_by = kServices,
     .demand = "this or TLS_CERT_FILE",
     .shared = true},
    {.name = "BATCH_MAX",
     .default_value = "1000",
     .help = "transfers in one batch of the ledger",
     .used_by = kLedgers},
    {.name = "QUEUE_MAX",
     .default_value = "20000",
     .help = "transfers waiting; more are answered 503",
     .used_by = kLedgers},
    {.name = "COMMITTERS",
     .default_value = "2",
     .help = "ledger threads, each with a connection and a chain",
     .used_by = kTransaction | kAll | kSeed},
    {.name = "IO_THREADS",
     .default_value = "0",
     .help = "threads of the HTTP servers; 0: half the cores",
     .used_by = kServices},
    {.name = "DB_POOL",
     .default_value = "4",
     .help = "connections for reading, for each service and I/O thread",
     .used_by = kServices},
    {.name = "DB_CONNECTION_MAX_AGE_S",
     .default_value = "1800",
     .help = "those are replaced at this age, less up to a fifth; 0: never",
     .used_by = kServices},
    {.name = "STORAGE_PATH",
     .default_value = "",
     .help = "a folder on the database's file system, if one can be seen here; with the private "
             "cluster DATA_DIR",
     .used_by = kLedgers},
    {.name = "STORAGE_MAX_BYTES",
     .default_value = "0",
     .help = "size of the database's volume, where no folder of it can be seen; 0: not known",
     .used_by = kLedgers,
     .shared = true},
    {.name = "STORAGE_FREE_MIN_BYTES",
     .default_value = "1073741824",
     .help = "with less free than that, payments are refused (503 storage_low); 0: only when the "
             "disk is full",
     .used_by = kLedgers,
     .shared = true},
    {.name = "LOG_LEVEL",
     .default_value = "info",
     .help = "debug, info, warn, error or off",
     .used_by = kServices},
    {.name = "LOG_FORMAT",
     .default_value = "auto",
     .help = "text, json, or auto: text on a terminal, else json",
     .used_by = kServices},
    {.name = "LOG_REQUESTS_PER_S",
     .default_value = "100",
     .help = "lines about requests that went well, each second; slow ones and errors are always "
             "logged; 0: no limit",
     .used_by = kServices},
    {.name = "OTEL_EXPORTER_OTLP_ENDPOINT",
     .default_value = "",
     .help = "a collector's base URL, such as http://collector:4318: traces go to its /v1/traces",
     .used_by = kServices},
    {.name = "OTEL_TRACES_SAMPLER_ARG",
     .default_value = "0.01",
     .help = "which part of the requests is traced, 0 to 1, where the caller does not say",
     .used_by = kServices},
};

void write_processes(JsonWriter& json, std::string_view key, Processes set) {
  json.key(key).begin_array();
  for (const auto& [process, name] : kNames)
    if ((set & process) != 0) json.value(name);
  json.end_array();
}

}  // namespace

std::span<const Setting> all_settings() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  const auto* found = std::ranges::find(kSettings, name, &Setting::name);
  return found == std::end(kSettings) ? nullptr : found;
}

std::string flag_of(std::string_view name) {
  std::string flag = "--" + lower_ascii(name);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string settings_text() {
  std::string text =
      "Every setting is an environment variable and a flag; secrets may also come from a\n"
      "file named by NAME_FILE. Flags win over the environment.\n\n";
  for (const Setting& setting : all_settings())
    text +=
        fmt::format("  {:26} {:30} {} [{}]\n", setting.name, flag_of(setting.name), setting.help,
                    setting.default_value.empty() ? "unset" : setting.default_value);
  return text;
}

std::string settings_json() {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("data").begin_array();
  for (const Setting& setting : all_settings()) {
    json.begin_object().field("name", setting.name).field("flag", flag_of(setting.name));
    json.field("default", setting.default_value).field("help", setting.help);
    json.field("secret", setting.secret).field("shared", setting.shared);
    write_processes(json, "usedBy", setting.used_by);
    write_processes(json, "requiredBy", setting.required_by);
    json.field("demand", setting.demand).end_object();
  }
  json.end_array().end_object();
  return text;
}

}  // namespace instapay
