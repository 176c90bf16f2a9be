#include "reporting/neighbours.h"

#include <fmt/format.h>

#include "core/json.h"
#include "core/time.h"
#include "net/fetch.h"

namespace instapay::reporting {
namespace {

constexpr std::int64_t kAnswerMax_ms = 1'000;
constexpr std::int64_t kFresh_us = kSecond_us;

std::string url_of(const Config& config, const std::string& configured, int port) {
  if (!configured.empty()) return configured;
  return fmt::format("{}://127.0.0.1:{}", config.tls_cert_file.empty() ? "http" : "https", port);
}

std::string text_of(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  return member != nullptr && member->kind == Json::Kind::string ? member->text : std::string();
}

ServiceHealth ask_one(const std::string& service, const std::string& url) {
  ServiceHealth health{service};
  const std::int64_t begun_us = monotonic_us();
  const auto alive = net::fetch(url + "/health", kAnswerMax_ms);
  if (!alive || alive->status != 200) return health;
  health.up = true;
  health.latency_ms = (monotonic_us() - begun_us) / 1000;
  if (const auto body = parse_json(alive->body)) health.version = text_of(*body, "version");
  const auto ready = net::fetch(url + "/health/ready", kAnswerMax_ms);
  if (!ready) return health;
  health.ready = ready->status == 200;
  if (const auto body = parse_json(ready->body))
    if (const Json* checks = body->find("checks"))
      for (const auto& [name, value] : checks->members)
        health.checks.emplace_back(name, value.text);
  return health;
}

}  // namespace

Neighbours::Neighbours(IoThreads& io_threads, const Config& config)
    : urls_{{"user", url_of(config, config.user_url, config.user_port)},
            {"transaction", url_of(config, config.transaction_url, config.transaction_port)},
            {"reporting", url_of(config, "", config.reporting_port)}} {
  for (std::size_t i = 0; i < io_threads.size(); ++i)
    mailboxes_.push_back(std::make_unique<Mailbox<ServicesSeenPtr>>(io_threads.at(i)));
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Task<ServicesSeenPtr> Neighbours::look() {
  return suspend<ServicesSeenPtr>([this](CompletionPtr<ServicesSeenPtr> completion) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({IoThreads::current(), std::move(completion)});
    wake_.notify_one();
  });
}

void Neighbours::run(const std::stop_token& stop) {
  for (;;) {
    std::vector<Waiting> waiting;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      waiting.swap(waiting_);
    }
    if (!last_ || monotonic_us() - last_->at_us > kFresh_us) last_ = ask(stop);
    for (auto& [io_thread, completion] : waiting) {
      std::vector<Mailbox<ServicesSeenPtr>::Delivery> deliveries;
      deliveries.push_back({std::move(completion), last_});
      mailboxes_.at(io_thread)->post(std::move(deliveries));
    }
  }
}

ServicesSeenPtr Neighbours::ask(const std::stop_token& stop) const {
  auto seen = std::make_shared<ServicesSeen>();
  for (const auto& [service, url] : urls_) {
    if (stop.stop_requested()) break;
    seen->services.push_back(ask_one(service, url));
    if (service != "transaction" || !seen->services.back().up) continue;
    if (auto metrics = net::fetch(url + "/metrics", kAnswerMax_ms);
        metrics && metrics->status == 200)
      seen->ledger.emplace(std::move(metrics->body));
  }
  seen->at_us = monotonic_us();
  return seen;
}

}  // namespace instapay::reporting
