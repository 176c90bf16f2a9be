// The command line: sub-commands and their flags. What they do is in src/app.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>

#include "app/chain_heads.h"
#include "app/commands.h"
#include "app/demo.h"
#include "app/operator_account.h"
#include "app/serve.h"
#include "app/verify_receipt.h"

namespace {

using namespace instapay;

constexpr int kWrongUse = 2;

// Every setting is a flag of every sub-command: whichever reads it.
struct Settings {
  RawSettings given;

  void add_to(CLI::App& command) {
    for (const Setting& setting : all_settings())
      command
          .add_option(flag_of(setting.name), given[std::string(setting.name)],
                      fmt::format("{} [{}]", setting.help,
                                  setting.default_value.empty() ? "unset" : setting.default_value))
          ->group("Configuration (each also as environment variable, e.g. USER_PORT)");
  }

  // A variable that nobody reads is no mistake: it may be another program's. `serve` logs it.
  static void print_misspelt() {
    for (const Misspelt& each : find_misspelt())
      fmt::print(stderr, "instapay: {}\n", each.sentence());
  }

  // Nullopt after the mistakes were printed.
  std::optional<Config> read(Purpose purpose) {
    auto config = parse_config(given, purpose);
    if (config) {
      if (purpose == Purpose::command) print_misspelt();
      return std::move(*config);
    }
    fmt::print(stderr, "instapay: the configuration has {} mistake{}:\n", config.error().size(),
               config.error().size() == 1 ? "" : "s");
    for (const auto& mistake : config.error()) fmt::print(stderr, "  {}\n", mistake);
    print_misspelt();
    fmt::print(stderr, "`instapay config --help` lists every setting.\n");
    return std::nullopt;
  }
};

std::string read_password_file(const std::string& path) {
  std::ifstream file(path);
  std::string text(std::istreambuf_iterator<char>(file), {});
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

// CLI11 says only that a subcommand is required, not which there are, also to who has mistyped one.
std::string explain(const CLI::App* cli, const CLI::Error& error) {
  const CLI::App* at = cli;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  const auto unknown = cli->remaining(true);
  const bool mistyped = !unknown.empty() && !unknown.front().starts_with('-');
  const bool missing = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
  if (at->get_require_subcommand_min() == 0 || !(mistyped || missing))
    return CLI::FailureMessage::simple(cli, error);
  std::string names;
  for (const CLI::App* one : at->get_subcommands([](const CLI::App*) { return true; }))
    names += (names.empty() ? "" : ", ") + one->get_name();
  return (mistyped ? "There is no subcommand '" + unknown.front() + "'"
                   : "A subcommand is required") +
         " (there are " + names + ").\nRun with --help for more information.\n";
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Mini-InstaPay: instant money transfers you can host yourself."};
  cli.require_subcommand(1);
  cli.failure_message(explain);
  cli.set_version_flag("--version", "instapay " INSTAPAY_VERSION);
  Settings settings;
  std::function<int()> action;
  const auto with_config = [&](Purpose purpose, auto run) {
    return [&settings, &action, purpose, run] {
      action = [&settings, purpose, run] {
        const auto config = settings.read(purpose);
        return config ? run(*config) : kWrongUse;
      };
    };
  };

  bool demo = false;
  auto* serve = cli.add_subcommand("serve", "Run services until stopped");
  serve->require_subcommand(1);
  for (const auto& [name, purpose, help] :
       {std::tuple{"user", Purpose::user, "Accounts, login, profiles (:8000)"},
        std::tuple{"transaction", Purpose::transaction, "Payments and history (:8001)"},
        std::tuple{"reporting", Purpose::reporting, "Reports (:8002)"},
        std::tuple{"all", Purpose::all, "All three and the gateway (:8080) in one process"}}) {
    auto* one = serve->add_subcommand(name, help);
    settings.add_to(*one);
    if (purpose == Purpose::all)
      one->add_flag("--demo", demo, "Load demonstration users and transfers when empty");
    const Purpose role = purpose;
    one->callback(with_config(role, [&demo, role](Config config) {
      config.demo = demo;
      return app::serve(config, role);
    }));
  }

  bool status = false;
  auto* migrate = cli.add_subcommand("migrate", "Bring the database schema up to date");
  settings.add_to(*migrate);
  migrate->add_flag("--status", status, "Only say what is applied and what is pending");
  migrate->callback(with_config(Purpose::command, [&](const Config& config) {
    return app::migrate_command(config, status);
  }));

  app::SeedOptions seed_options;
  std::string seed_password_file;
  bool unnamed = false;
  auto* seed = cli.add_subcommand("seed", "Fill an empty database with users and transfers");
  settings.add_to(*seed);
  seed->add_option("--accounts", seed_options.accounts, "Users to make")
      ->check(CLI::Range(2, 10'000'000))
      ->capture_default_str();
  seed->add_option("--transfers", seed_options.transfers, "Transfers among them")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  seed->add_option("--days", seed_options.days, "Days of history")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  seed->add_option("--random-seed", seed_options.seed, "Same seed, same data")
      ->capture_default_str();
  seed->add_option("--domain", seed_options.email_domain, "Of the e-mail addresses")
      ->capture_default_str();
  seed->add_option("--user-password-file", seed_password_file,
                   "Password of all of them; without it nobody can log in");
  seed->add_flag("--numbered", unnamed, "Users u000001, u000002, … instead of names");
  seed->callback(with_config(Purpose::command, [&](const Config& config) {
    seed_options.named = !unnamed;
    seed_options.opening_minor = config.opening_balance_minor;
    if (!seed_password_file.empty()) seed_options.password = read_password_file(seed_password_file);
    return app::seed_command(config, seed_options);
  }));

  app::NewOperator account;
  std::string password_file;
  auto* operators = cli.add_subcommand("operator", "Make operators, reset passwords and factors");
  operators->require_subcommand(1);
  const auto password_of = [&](const Config& config) {
    return password_file.empty() ? config.operator_password : read_password_file(password_file);
  };
  auto* create = operators->add_subcommand("create", "Make an operator, or another one of staff");
  settings.add_to(*create);
  create->add_option("--email", account.email, "E-mail to sign in with")->required();
  create->add_option("--username", account.username, "[the part before the @]");
  create->add_option("--role", account.role, "operator, auditor, support, treasury or admin")
      ->check(CLI::IsMember({"operator", "auditor", "support", "treasury", "admin"}))
      ->capture_default_str();
  create->add_option("--password-file", password_file,
                     "File with the password [OPERATOR_PASSWORD, else asked]");
  create->callback(with_config(Purpose::command, [&](const Config& config) {
    account.password = password_of(config);
    return app::create_operator_command(config, account);
  }));
  auto* reset = operators->add_subcommand("reset-password", "Set a user's password, end sessions");
  settings.add_to(*reset);
  reset->add_option("--email", account.email, "Whose")->required();
  reset->add_option("--password-file", password_file,
                    "File with the password [OPERATOR_PASSWORD, else asked]");
  reset->callback(with_config(Purpose::command, [&](const Config& config) {
    return app::reset_password_command(config, account.email, password_of(config));
  }));

  auto* factor = operators->add_subcommand(
      "remove-factor", "Turn a user's second factor off (phone and codes are lost), end sessions");
  settings.add_to(*factor);
  factor->add_option("--email", account.email, "Whose")->required();
  factor->callback(with_config(Purpose::command, [&](const Config& config) {
    return app::remove_factor_command(config, account.email);
  }));

  std::string erased, reason;
  auto* erase =
      cli.add_subcommand("erase-user", "Erase the person behind a closed account; the books stay");
  settings.add_to(*erase);
  erase->add_option("user", erased, "Id, e-mail address or username")->required();
  erase->add_option("--reason", reason, "For the operators' log")->required();
  erase->callback(with_config(Purpose::command, [&](const Config& config) {
    return app::erase_user_command(config, erased, reason);
  }));

  bool json = false;
  auto* audit = cli.add_subcommand("audit", "Verify the whole ledger; exit 1 at a difference");
  settings.add_to(*audit);
  audit->add_flag("--json", json, "Machine-readable verdict");
  bool record = false;
  audit->add_flag("--record", record, "Note the success in the database, for monitoring");
  app::HeadsCheck noted;
  audit->add_option("--jwks", noted.jwks,
                    "File or URL with the platform's receipt keys, for --heads");
  audit->add_option("--heads", noted.files, "Compare with what `instapay heads` noted")
      ->needs("--jwks")
      ->expected(1, -1);
  audit->callback(with_config(Purpose::command, [&](const Config& config) {
    return app::audit_command(config, noted, json, record);
  }));

  app::HeadsOptions heads_options{};
  auto* heads = cli.add_subcommand(
      "heads", "Note the heads of all chains, signed; keep that outside the database");
  settings.add_to(*heads);
  heads->add_option("--folder", heads_options.folder,
                    "Where to write heads-TIME.jwt [standard output]");
  heads
      ->add_option("--due-after", heads_options.due_after_s,
                   "Seconds: nothing is noted while the newest there is younger than this and "
                   "than the last backup")
      ->needs("--folder")
      ->check(CLI::Range(1, 31'536'000));
  heads->add_flag("--record", heads_options.record,
                  "Note the success in the database, for monitoring");
  heads->callback(with_config(Purpose::command, [&](const Config& config) {
    return app::heads_command(config, heads_options);
  }));

  auto* rebuild =
      cli.add_subcommand("rebuild-reports", "Make the reports' roll-ups anew from the entries");
  settings.add_to(*rebuild);
  rebuild->callback(with_config(Purpose::command, app::rebuild_reports_command));
  auto* rebuild_search = cli.add_subcommand(
      "rebuild-search", "Make the table that transfers are searched in anew from the entries");
  settings.add_to(*rebuild_search);
  rebuild_search->callback(with_config(Purpose::command, app::rebuild_search_command));

  std::string service = "user", url;
  auto* health = cli.add_subcommand("health", "Ask a service whether it is ready");
  settings.add_to(*health);
  health->add_option("--service", service, "user, transaction, reporting or gateway")
      ->check(CLI::IsMember({"user", "transaction", "reporting", "gateway"}))
      ->capture_default_str();
  health->add_option("--url", url, "Instead: any URL that answers 200");
  health->callback(with_config(Purpose::command, [&](const Config& config) {
    return app::health_command(config, service, url);
  }));

  std::string email;
  auto* token = cli.add_subcommand("token", "Print an access token (not in production)");
  settings.add_to(*token);
  token->add_option("email", email, "Of the user")->required();
  token->callback(with_config(
      Purpose::command, [&](const Config& config) { return app::token_command(config, email); }));

  app::ReceiptCheck check;
  auto* verify = cli.add_subcommand(
      "verify-receipt", "Check a receipt without the platform; exit 1 when it proves nothing");
  verify->footer(
      "Checks the signature by the key of its kid, the transfer's leaf and its Merkle path "
      "against\n"
      "the batch's root, and the batch's hash. Needs no database; no network with a JWKS file, "
      "e.g.\n"
      "  curl -sS https://pay.example.com/.well-known/receipt-jwks.json >receipt-jwks.json\n"
      "  instapay verify-receipt receipt.jwt --jwks receipt-jwks.json\n"
      "Get the keys from the platform itself, not from who shows you the receipt.");
  verify->add_option("file", check.file, "The receipt; - for standard input")->required();
  verify->add_option("--jwks", check.jwks, "File or URL with the platform's receipt keys")
      ->required();
  verify->add_option("--chain-hash", check.chain_hash,
                     "A hash of the chain noted earlier: of this batch or the one before it");
  verify->add_flag("--json", check.json, "Machine-readable verdict");
  verify->callback([&] { action = [&] { return app::verify_receipt_command(check); }; });

  std::string purpose = "tokens";
  auto* keygen = cli.add_subcommand("keygen", "Print a new private key");
  keygen
      ->add_option("purpose", purpose,
                   "tokens: RSA, for JWT_PRIVATE_KEY; receipts: P-256, for RECEIPT_PRIVATE_KEY; "
                   "factors: AES-256, for FACTOR_KEY; pushes: P-256, for VAPID_PRIVATE_KEY")
      ->check(CLI::IsMember({"tokens", "receipts", "factors", "pushes"}))
      ->capture_default_str();
  keygen->callback([&] { action = [&] { return app::keygen_command(purpose); }; });

  auto* routes = cli.add_subcommand("routes", "List every endpoint");
  routes->add_flag("--json", json, "As JSON");
  routes->callback([&] { action = [&] { return app::routes_command(json); }; });

  auto* configuration = cli.add_subcommand("config", "List every setting");
  bool help = false, effective = false;
  configuration->set_help_flag();
  configuration->add_flag("-h,--help", help, "The same");
  configuration->add_flag("--json", json, "As JSON, with who uses and who requires each");
  configuration->add_flag("--effective", effective,
                          "The value that each has here, secrets masked, and where it came from");
  settings.add_to(*configuration);
  configuration->callback([&] {
    action = [&] {
      if (effective) return app::effective_config_command(settings.given, json);
      fmt::print("{}", json ? settings_json() + "\n" : settings_text());
      return 0;
    };
  });

  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kWrongUse;
  }
  return action();
}
