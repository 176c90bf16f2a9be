#pragma once
// The sub-commands beside `serve`. Each returns the process's exit code: 0 done, 1 failed, 2 wrong
// use; results go to standard output, what went wrong to standard error.
#include <string>

#include "config/config.h"

namespace instapay::auth {
struct KeyPurpose;
}

namespace instapay::app {

struct HeadsCheck;
struct SeedOptions;
struct NewOperator;

int migrate_command(const Config& config, bool only_status);
int seed_command(const Config& config, const SeedOptions& options);
int create_operator_command(const Config& config, NewOperator account);
int reset_password_command(const Config& config, const std::string& email, std::string password);
int remove_factor_command(const Config& config, const std::string& email);
/// `user`: id, e-mail or username.
int erase_user_command(const Config& config, const std::string& user, const std::string& reason);
int audit_command(const Config& config, const HeadsCheck& heads, bool json, bool record);
/// Makes the roll-ups of the reports anew from the entries.
int rebuild_reports_command(const Config& config);
/// The same of the table that transfers are searched in.
int rebuild_search_command(const Config& config);
/// `purpose`: tokens, receipts or factors.
int keygen_command(std::string_view purpose);
int health_command(const Config& config, const std::string& service, const std::string& url);
int token_command(const Config& config, const std::string& email);
int routes_command(bool json);
/// What `given` on the command line, the environment and files come to.
int effective_config_command(const RawSettings& given, bool json);

}  // namespace instapay::app
