#pragma once
// `instapay heads` and `instapay audit --heads`: the heads of all chains as a compact JWS (typ
// chain-heads+jwt), signed by the key of receipts, to be kept where the database's owner cannot
// reach.
#include <expected>
#include <string>
#include <vector>

#include "auth/signing_key.h"
#include "config/config.h"
#include "ledger/proof/heads.h"

namespace instapay::app {

// Some 150,000 chains; each start of a transaction service opens a few.
inline constexpr std::size_t kHeadsMax_bytes = 32 * 1024 * 1024;

std::string sign_heads(const ledger::NotedHeads& noted, const auth::SigningKeys& keys);
/// The error says what is wrong with it.
std::expected<ledger::NotedHeads, std::string> verify_heads(std::string_view jws,
                                                            const auth::KeySet& keys);

struct HeadsOptions {
  std::string folder;  // gets heads-<time>.jwt; empty: standard output
  std::int64_t
      due_after_s;  // not while the newest there is younger, and no backup is younger still
  bool record = false;
};
int heads_command(const Config& config, const HeadsOptions& options);

/// What `audit` was given to compare with.
struct HeadsCheck {
  std::vector<std::string> files;
  std::string jwks;  // file or URL
};
/// Of files: those that could be verified, all of them.
struct HeadsFile {
  std::string name;
  ledger::NotedHeads noted;
};
std::expected<std::vector<HeadsFile>, std::string> read_heads_files(const HeadsCheck& check);

/// The worst finding, with the name of its file; of those alike the oldest, so that it brackets
/// when it happened.
struct HeadsReport {
  ledger::HeadsFinding finding;
  std::string file;
  std::int64_t files = 0, chains = 0;
};
pg::Result<HeadsReport> compare_files(pg::Connection& connection,
                                      const std::vector<HeadsFile>& files);
void write_report(JsonWriter& json, const HeadsReport& report);
std::string for_people(const HeadsReport& report);

}  // namespace instapay::app
