#pragma once
// Demonstration and load-test data, made through the ledger like everything else.
#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "config/config.h"

namespace instapay::app {

struct SeedOptions {
  std::int64_t accounts = 40;
  std::int64_t transfers = 4'000;
  int days = 28;                   // how far back the history goes
  std::string password;            // of every user; empty: nobody can log in
  std::int64_t opening_minor = 0;  // grant to each
  std::string email_domain = "demo.example";
  bool named = true;  // people's names; else u000001 and so on
  std::uint64_t seed = 1;
};

struct Seeded {
  std::int64_t accounts = 0, transfers = 0;
  std::string first_email;
};

/// Progress is called with what is done and all there is to do. Fails when the ledger refuses
/// anything of it: nothing that is sent is more than its payer has. The error says what stands.
std::expected<Seeded, std::string> seed(
    const Config& config, const std::string& database_url, const SeedOptions& options,
    const std::function<void(std::string_view what, std::int64_t done, std::int64_t all)>&
        progress);

/// `serve all --demo`: seeds an empty installation once and prints the credentials; over data that
/// is there already it only says so.
std::expected<void, std::string> load_demo(const Config& config, const std::string& database_url);

}  // namespace instapay::app
