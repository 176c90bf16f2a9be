#include "app/chain_heads.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "app/database.h"
#include "app/receipt_keys.h"
#include "auth/access_token.h"
#include "auth/development_key.h"
#include "auth/jws.h"
#include "core/json.h"
#include "core/time.h"
#include "queries.h"

namespace instapay::app {
namespace {

constexpr std::string_view kType = "chain-heads+jwt";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kPrefix = "heads-", kSuffix = ".jwt";

std::string_view name_of(ledger::HeadsVerdict verdict) {
  switch (verdict) {
    case ledger::HeadsVerdict::agree:
      return "agree";
    case ledger::HeadsVerdict::lost:
      return "lost";
    case ledger::HeadsVerdict::tampered:
      return "tampered";
  }
  std::unreachable();
}

// heads-20261126T140500.123456Z.jwt: in the order of their times.
std::string file_name(std::int64_t unix_us) {
  std::string stamp = format_time(unix_us);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return fmt::format("{}{}{}", kPrefix, stamp, kSuffix);
}

std::string newest_in(const std::filesystem::path& folder) {
  std::string newest;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(kPrefix) && name.ends_with(kSuffix)) newest = std::max(newest, name);
  }
  return newest;
}

pg::Result<bool> is_due(pg::Connection& connection, const HeadsOptions& options,
                        std::int64_t now_us) {
  const std::string newest = newest_in(options.folder);
  if (newest < file_name(now_us - options.due_after_s * kSecond_us)) return true;
  const auto jobs = connection.query(queries::operations::job_runs);
  if (!jobs) return std::unexpected(jobs.error());
  for (const auto& run : *jobs)
    if (run.job == "backup" && newest < file_name(run.succeeded_at_s * kSecond_us)) return true;
  return false;
}

bool is_on_disk(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool done = fsync(file) == 0;
  close(file);
  return done;
}

// Whole or not at all, and on the disk before it has its name.
std::expected<void, std::string> write_file(const std::filesystem::path& folder,
                                            const std::string& name, const std::string& text) {
  const std::filesystem::path partial = folder / ("." + name);
  std::ofstream file(partial);
  file << text << '\n';
  file.close();
  std::error_code error;
  if (!file || !is_on_disk(partial))
    return std::unexpected(fmt::format("cannot write {}", partial.string()));
  std::filesystem::rename(partial, folder / name, error);
  if (error) return std::unexpected(fmt::format("cannot write {}: {}", name, error.message()));
  return {};
}

int complain(std::string_view what) {
  fmt::print(stderr, "instapay: {}\n", what);
  return 1;
}

}  // namespace

std::string sign_heads(const ledger::NotedHeads& noted, const auth::SigningKeys& keys) {
  std::string payload;
  JsonWriter json(payload);
  json.begin_object().field("iss", auth::kIssuer).field("iat", noted.noted.us / kSecond_us);
  json.field("version", kVersion).key("asOf").time(noted.noted.us);
  json.field("system", noted.system).field("timeline", std::to_string(noted.timeline));
  json.field("heads", ledger::write_heads(noted.heads)).end_object();
  return auth::sign_jws(payload, kType, keys);
}

std::expected<ledger::NotedHeads, std::string> verify_heads(std::string_view text,
                                                            const auth::KeySet& keys) {
  const auto jws = auth::parse_jws(text, kType, kHeadsMax_bytes);
  if (!jws) return std::unexpected(fmt::format("not noted heads: {}", jws.error()));
  if (!auth::verify_jws(*jws, keys))
    return std::unexpected("its signature is by none of the keys given");
  const auto json = parse_json(jws->payload);
  if (!json || json->kind != Json::Kind::object)
    return std::unexpected("its payload is not a JSON object");
  if (auth::text_of(*json, "iss") != auth::kIssuer || auth::text_of(*json, "version") != kVersion)
    return std::unexpected("of another issuer or version than this program knows");
  ledger::NotedHeads noted;
  const auto as_of = parse_time(auth::text_of(*json, "asOf"));
  const std::string_view timeline = auth::text_of(*json, "timeline");
  const auto [end, error] =
      std::from_chars(timeline.data(), timeline.data() + timeline.size(), noted.timeline);
  if (!as_of || error != std::errc() || end != timeline.data() + timeline.size())
    return std::unexpected("its asOf or timeline is malformed");
  noted.noted = {*as_of};
  noted.system = auth::text_of(*json, "system");
  auto heads = ledger::parse_heads(auth::text_of(*json, "heads"));
  if (!heads) return std::unexpected(heads.error());
  noted.heads = std::move(*heads);
  return noted;
}

int heads_command(const Config& config, const HeadsOptions& options) {
  // A key made here and now would be nobody's.
  if (config.receipt_private_key.empty() && config.environment != Environment::development)
    return complain("RECEIPT_PRIVATE_KEY is required to sign heads");
  const auto keys =
      auth::signing_keys_of(auth::kReceiptKeys, config.receipt_private_key, config.data_dir);
  if (!keys) return complain(keys.error());
  const std::int64_t begun_us = monotonic_us();
  auto database = find_database(config);
  if (!database) return complain(database.error());
  auto connection = connect(*database, "");
  if (!connection) return complain(connection.error());
  if (!options.folder.empty() && options.due_after_s > 0) {
    const auto due = is_due(*connection, options, now_us());
    if (!due) return complain("cannot read the jobs: " + due.error().message);
    if (!*due) return 0;
  }
  const auto noted = ledger::read_heads(*connection);
  if (!noted) return complain("cannot read the chains: " + noted.error().message);
  const std::string jws = sign_heads(*noted, *keys);
  if (jws.size() > kHeadsMax_bytes)
    return complain(fmt::format("more than {} MB of heads", kHeadsMax_bytes >> 20));
  if (options.folder.empty()) {
    fmt::print("{}\n", jws);
  } else {
    const std::string name = file_name(noted->noted.us);
    if (auto written = write_file(options.folder, name, jws); !written)
      return complain(written.error());
    fmt::print("{}: {} chains\n", name, noted->heads.size());
  }
  if (!options.record) return 0;
  const auto recorded =
      connection->query(queries::operations::record_job,
                        pg::Params().add("heads").add((monotonic_us() - begun_us) / 1000));
  return recorded ? 0 : complain("cannot record it: " + recorded.error().message);
}

std::expected<std::vector<HeadsFile>, std::string> read_heads_files(const HeadsCheck& check) {
  std::vector<HeadsFile> files;
  if (check.files.empty()) return files;
  const auto keys = read_receipt_keys(check.jwks);
  if (!keys) return std::unexpected(keys.error());
  for (const std::string& name : check.files) {
    const auto text = read_text(name, kHeadsMax_bytes);
    if (!text) return std::unexpected(text.error());
    auto noted = verify_heads(*text, *keys);
    if (!noted) return std::unexpected(fmt::format("{}: {}", name, noted.error()));
    files.push_back({name, std::move(*noted)});
  }
  std::ranges::sort(files, {}, [](const HeadsFile& file) { return file.noted.noted.us; });
  return files;
}

pg::Result<HeadsReport> compare_files(pg::Connection& connection,
                                      const std::vector<HeadsFile>& files) {
  HeadsReport report;
  for (const auto& [name, noted] : files) {
    auto finding = ledger::compare_heads(connection, noted);
    if (!finding) return std::unexpected(finding.error());
    ++report.files;
    report.chains = std::max(report.chains, static_cast<std::int64_t>(noted.heads.size()));
    if (finding->verdict <= report.finding.verdict) continue;
    report.finding = std::move(*finding);
    report.file = name;
  }
  return report;
}

void write_report(JsonWriter& json, const HeadsReport& report) {
  json.begin_object().field("verdict", name_of(report.finding.verdict));
  json.field_or_null("difference", report.finding.difference).field_or_null("file", report.file);
  json.field("files", report.files).field("chains", report.chains).end_object();
}

std::string for_people(const HeadsReport& report) {
  switch (report.finding.verdict) {
    case ledger::HeadsVerdict::agree:
      return fmt::format("Everything noted in {} file{} stands: up to {} chains.", report.files,
                         report.files == 1 ? "" : "s", report.chains);
    case ledger::HeadsVerdict::lost:
      return fmt::format("BATCHES THAT WERE NOTED ARE LOST ({}): {}", report.file,
                         report.finding.difference);
    case ledger::HeadsVerdict::tampered:
      return fmt::format("THE BOOKS ARE NOT THOSE THAT WERE NOTED ({}): {}", report.file,
                         report.finding.difference);
  }
  std::unreachable();
}

}  // namespace instapay::app
