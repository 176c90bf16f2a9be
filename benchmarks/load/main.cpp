// bench_load: signs tokens, and puts HTTP load on the services. Called by benchmarks/driver.py.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>

#include "client.h"

namespace bench {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

std::string latencies(const Histogram& histogram) {
  const auto ms = [](std::uint64_t us) { return static_cast<double>(us) / 1000.0; };
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(),
                R"({"count":%llu,"p50":%.3f,"p95":%.3f,"p99":%.3f,"p999":%.3f,"max":%.3f})",
                static_cast<unsigned long long>(histogram.count()), ms(histogram.quantile_us(0.5)),
                ms(histogram.quantile_us(0.95)), ms(histogram.quantile_us(0.99)),
                ms(histogram.quantile_us(0.999)), ms(histogram.max_us()));
  return text.data();
}

void print(const LoadResult& result) {
  std::string statuses, samples;
  for (const auto& [status, count] : result.statuses) {
    statuses +=
        (statuses.empty() ? "\"" : ",\"") + std::to_string(status) + "\":" + std::to_string(count);
  }
  for (const std::string& sample : result.samples) {
    samples += (samples.empty() ? "\"" : ",\"") + escaped(sample) + '"';
  }
  std::printf(
      R"({"measured_s":%.6f,"achieved":%llu,"requests":%llu,"offered":%llu,"dropped":%llu,)"
      R"("lost":%llu,"body_bytes":%llu,"without_retry_after":%llu,"own_cpu_s":%.4f,)"
      R"("stall_ms":%.3f,"stall_at_s":%.3f,"ran_out":%s,)"
      R"("statuses":{%s},"latency_ms":%s,"other_latency_ms":%s,"samples":[%s]})"
      "\n",
      result.measured_s, static_cast<unsigned long long>(result.achieved),
      static_cast<unsigned long long>(result.requests),
      static_cast<unsigned long long>(result.offered),
      static_cast<unsigned long long>(result.dropped), static_cast<unsigned long long>(result.lost),
      static_cast<unsigned long long>(result.body_bytes),
      static_cast<unsigned long long>(result.without_retry_after), result.own_cpu_s,
      static_cast<double>(result.stall_us) / 1000.0, result.stall_at_s,
      result.ran_out ? "true" : "false", statuses.c_str(), latencies(result.latency).c_str(),
      latencies(result.other_latency).c_str(), samples.c_str());
}

int run(int argc, char** argv) {
  CLI::App app{"Signs tokens for, and puts load on, the services of Mini-InstaPay"};
  app.require_subcommand(1);
  std::string accounts_path, tokens_path;

  CLI::App* sign = app.add_subcommand("sign", "Sign access tokens for every account");
  std::string key_path, role = "user";
  std::int64_t lifetime_s = 6 * 3600;
  std::size_t each = 1;
  sign->add_option("--accounts", accounts_path, "File of id<TAB>email lines")->required();
  sign->add_option("--key", key_path, "PEM file with the private key, RSA or P-256")->required();
  sign->add_option("--role", role, "Role claim");
  sign->add_option("--lifetime", lifetime_s, "Seconds until the tokens expire");
  sign->add_option("--each", each, "Tokens for each account")->check(CLI::Range(1, 1000));
  sign->add_option("--out", tokens_path, "File to write")->required();

  CLI::App* load = app.add_subcommand("load", "Run a load; the result is the last line, as JSON");
  LoadOptions options;
  WorkloadOptions work;
  std::string subset_path;
  load->add_option("--accounts", accounts_path, "File of id<TAB>email lines")->required();
  load->add_option("--tokens", tokens_path, "File made by sign")->required();
  load->add_option("--port", options.ports, "Port on 127.0.0.1; several spread the load")
      ->required();
  load->add_option("--kind", work.kind, "transfer, batch, me, history or health")->required();
  load->add_option("--pairs", work.pairs,
                   "uniform, merchant, payer, zipf, round, token or once (workload.h)");
  load->add_option("--among", work.among, "Only the first so many accounts pay and are paid");
  load->add_option("--zipf", work.zipf, "Exponent of zipf");
  load->add_option("--batch", work.batch, "Transfers in a batch");
  load->add_option("--page", work.page, "Entries on a history page");
  load->add_option("--amount", work.amount, "Of every transfer");
  load->add_option("--subset", subset_path, "File of account numbers that reads are limited to");
  load->add_option("--connections", options.connections)->check(CLI::Range(1, 50'000));
  load->add_option("--warmup", options.warmup_s, "Seconds before measuring");
  load->add_option("--duration", options.duration_s, "Seconds measured");
  load->add_option("--rate", options.rate, "Requests a second, open loop; 0: closed loop");
  load->add_flag("--drop-when-busy", options.drop_when_busy, "Open loop beyond capacity");
  load->add_option("--requests", options.requests_max, "Stop after this many");
  load->add_option("--seed", options.seed, "Makes pairs, keys and arrivals");
  CLI11_PARSE(app, argc, argv);

  std::vector<Account> accounts = read_accounts(accounts_path);
  if (sign->parsed()) {
    const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count();
    const std::size_t count = accounts.size();
    accounts.reserve(count * each);
    for (std::size_t i = count; i < count * each; ++i) accounts.push_back(accounts[i - count]);
    Tokens::sign(key_path, accounts, role, now_s, lifetime_s).write(tokens_path);
    return 0;
  }
  const Tokens tokens = Tokens::read(tokens_path);
  if (tokens.size() == 0 || tokens.size() % accounts.size() != 0) {
    throw std::runtime_error("there are not as many tokens for each account");
  }
  work.seed = options.seed;
  if (!subset_path.empty()) work.subset = read_subset(subset_path, accounts.size());
  print(run_load(options, *make_workload(work, accounts, tokens)));
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    return bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return 1;
  }
}
