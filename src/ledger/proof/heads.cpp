#include "ledger/proof/heads.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/time.h"
#include "ledger/store/rows.h"

namespace instapay::ledger {
namespace {

// Clocks of two writers may differ, and a transaction may commit seconds after its time was set: of
// batches this close to each other either may have been written to the log first.
constexpr std::int64_t kOrder_us = 30 * kSecond_us;

std::string describe(const ChainHead& noted, const Standing& standing) {
  const auto& [chain, seq, hash] = noted.batch;
  const std::string name = fmt::format("batch {} of chain {}, committed {}", seq, chain,
                                       format_time(noted.committed.us));
  if (standing.hash)
    return fmt::format("{}, is another one: its hash is {}, not {}", name, to_hex(*standing.hash),
                       to_hex(hash));
  if (standing.last_seq) {
    return fmt::format("{}, is not there: the chain ends with {}", name, *standing.last_seq);
  }
  return fmt::format("{}, is not there, nor is anything of the chain", name);
}

template <class Number>
bool take_number(std::string_view& line, Number& number) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc() || end == line.data() + line.size() || *end != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
  return true;
}

}  // namespace

pg::Result<NotedHeads> read_heads(pg::Connection& connection) {
  NotedHeads noted;
  const auto database = connection.query(queries::ledger::database_identity);
  if (!database) return std::unexpected(database.error());
  const auto& identity = database->front();
  noted.system = identity.system;
  noted.timeline = identity.timeline;
  noted.noted = {identity.now};
  const auto rows = connection.query(queries::ledger::chain_heads);
  if (!rows) return std::unexpected(rows.error());
  for (const auto& head : *rows)
    noted.heads.push_back({{head.chain_id, head.seq, hash_of(head.hash)}, {head.committed_at}});
  return noted;
}

std::string write_heads(const std::vector<ChainHead>& heads) {
  std::string text;
  for (const auto& [batch, committed] : heads)
    fmt::format_to(std::back_inserter(text), "{} {} {} {}\n", batch.chain_id, batch.seq,
                   committed.us, to_hex(batch.hash));
  return text;
}

std::expected<std::vector<ChainHead>, std::string> parse_heads(std::string_view text) {
  std::vector<ChainHead> heads;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ChainHead head;
    if (!take_number(line, head.batch.chain_id) || !take_number(line, head.batch.seq) ||
        !take_number(line, head.committed.us))
      return std::unexpected(fmt::format("line {} is not a chain's head", heads.size() + 1));
    if (!from_hex(line, head.batch.hash))
      return std::unexpected(fmt::format("line {} has no hash", heads.size() + 1));
    heads.push_back(head);
  }
  return heads;
}

HeadsFinding judge(const NotedHeads& noted, const std::vector<Standing>& standing,
                   std::string_view system, std::int64_t timeline) {
  const ChainHead* gone = nullptr;  // the one of these that was committed first
  const Standing* instead = nullptr;
  const ChainHead* latest = nullptr;  // of those that are there
  for (std::size_t i = 0; i < noted.heads.size(); ++i) {
    const ChainHead& head = noted.heads[i];
    if (standing[i].hash == head.batch.hash) {
      if (latest == nullptr || head.committed.us > latest->committed.us) latest = &head;
    } else if (gone == nullptr || head.committed.us < gone->committed.us) {
      gone = &head;
      instead = &standing[i];
    }
  }
  if (gone == nullptr) return {};
  std::string what = describe(*gone, *instead);
  if (system == noted.system && timeline == noted.timeline)
    return {HeadsVerdict::tampered,
            fmt::format("{}; this database has neither failed over nor been restored since that "
                        "was noted",
                        what)};
  if (latest != nullptr && latest->committed.us > gone->committed.us + kOrder_us)
    return {HeadsVerdict::tampered,
            fmt::format("{}; batch {} of chain {}, committed later ({}), is there, and what a "
                        "failover or a restore loses is the end of all chains",
                        what, latest->batch.seq, latest->batch.chain_id,
                        format_time(latest->committed.us))};
  const std::string since = system == noted.system
                                ? fmt::format("timeline {} then, {} now", noted.timeline, timeline)
                                : std::string("another database cluster now");
  return {HeadsVerdict::lost,
          fmt::format("{}, as after a failover without it, or a restore to an earlier moment ({})",
                      what, since)};
}

pg::Result<HeadsFinding> compare_heads(pg::Connection& connection, const NotedHeads& noted) {
  const auto database = connection.query(queries::ledger::database_identity);
  if (!database) return std::unexpected(database.error());
  std::vector<std::int32_t> chains;
  std::vector<std::int64_t> seqs;
  for (const ChainHead& head : noted.heads) {
    chains.push_back(head.batch.chain_id);
    seqs.push_back(head.batch.seq);
  }
  const auto rows = connection.query(queries::ledger::standing_batches,
                                     pg::Params().add_array(chains).add_array(seqs));
  if (!rows) return std::unexpected(rows.error());
  std::vector<Standing> standing;
  for (const auto& batch : *rows)
    standing.push_back(
        {batch.hash ? std::optional(hash_of(*batch.hash)) : std::nullopt, batch.last_seq});
  const auto& identity = database->front();
  return judge(noted, standing, identity.system, identity.timeline);
}

}  // namespace instapay::ledger
