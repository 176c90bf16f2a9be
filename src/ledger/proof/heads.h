#pragma once
// The heads of all chains, as they were noted outside the database. A chain shows that rows were
// changed, but not that somebody rewrote rows and hashes alike, or cut the end off: a head that is
// kept elsewhere does.
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/proof/chain.h"
#include "pg/connection.h"

namespace instapay::ledger {

/// The last batch of a chain.
struct ChainHead {
  BatchRef batch;
  Time committed;
};

struct NotedHeads {
  Time noted;               // by the database's clock
  std::string system;       // the cluster's identifier
  std::int64_t timeline{};  // grows with every promotion, and every restore to a moment
  std::vector<ChainHead> heads;
};

/// Of a database, as it is now; of a standby, as it has replayed.
pg::Result<NotedHeads> read_heads(pg::Connection& connection);

/// One line for each: chain, number, microseconds of its commit, hash in hex.
std::string write_heads(const std::vector<ChainHead>& heads);
/// The error names the line.
std::expected<std::vector<ChainHead>, std::string> parse_heads(std::string_view text);

/// What stands where a head was noted.
struct Standing {
  std::optional<Hash256> hash;           // none: there is no such batch
  std::optional<std::int64_t> last_seq;  // none: there is no such chain
};

enum class HeadsVerdict : std::uint8_t {
  agree,     // every noted batch is there; the chains may have grown
  lost,      // the end of all chains is gone, as a failover or a restore to a moment takes it
  tampered,  // what is gone or different cannot have gone that way
};

struct HeadsFinding {
  HeadsVerdict verdict = HeadsVerdict::agree;
  std::string difference;  // which batch of which chain, and why it is judged so
};

/// `standing` has one for each of the noted heads. Pure.
HeadsFinding judge(const NotedHeads& noted, const std::vector<Standing>& standing,
                   std::string_view system, std::int64_t timeline);

/// Asks the database.
pg::Result<HeadsFinding> compare_heads(pg::Connection& connection, const NotedHeads& noted);

}  // namespace instapay::ledger
