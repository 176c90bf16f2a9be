#include "reporting/neighbours.h"

#include <fmt/format.h>

#include <deque>

#include "core/json.h"
#include "core/limits.h"
#include "core/time.h"

namespace instapay::reporting {
namespace {

constexpr std::int64_t kAnswerMax_ms = 1'000;
constexpr std::int64_t kFresh_us = kSecond_us;

Neighbour neighbour(const Config& config, std::string service, const std::string& url, int port) {
  if (!url.empty()) return {std::move(service), url, net::Certificates::verified};
  // A certificate is made out to a name, not to 127.0.0.1.
  return {std::move(service),
          fmt::format("{}://127.0.0.1:{}", config.tls_cert_file.empty() ? "http" : "https", port),
          net::Certificates::own};
}

std::string text_of(const Json& object, std::string_view name) {
  const Json* member = object.find(name);
  return member != nullptr && member->kind == Json::Kind::string ? member->text : std::string();
}

// What one replica says. `metrics` stays empty when nobody asks for them, or it gives none.
struct Answer {
  ReplicaHealth health;
  std::string metrics;
};

void ask_replica(const Neighbour& neighbour, Answer& answer) {
  const auto get = [&](std::string_view path) {
    return net::fetch(neighbour.url + std::string(path), kAnswerMax_ms, neighbour.certificates,
                      answer.health.address);
  };
  ReplicaHealth& health = answer.health;
  const std::int64_t begun_us = monotonic_us();
  const auto alive = get("/health");
  if (!alive || alive->status != 200) return;
  health.up = true;
  health.latency_ms = (monotonic_us() - begun_us) / 1000;
  if (const auto body = parse_json(alive->body)) health.version = text_of(*body, "version");
  if (const auto ready = get("/health/ready")) {
    health.ready = ready->status == 200;
    if (const auto body = parse_json(ready->body))
      if (const Json* checks = body->find("checks"))
        for (const auto& [name, value] : checks->members)
          health.checks.emplace_back(name, value.text);
  }
  if (neighbour.service != "transaction") return;
  if (auto metrics = get("/metrics"); metrics && metrics->status == 200)
    answer.metrics = std::move(metrics->body);
}

}  // namespace

Neighbours::Neighbours(IoThreads& io_threads, const Config& config)
    : neighbours_{neighbour(config, "user", config.user_url, config.user_port),
                  neighbour(config, "transaction", config.transaction_url, config.transaction_port),
                  neighbour(config, "reporting", config.reporting_url, config.reporting_port)} {
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
    if (!last_ || monotonic_us() - last_->at_us > kFresh_us) last_ = ask();
    for (auto& [io_thread, completion] : waiting) {
      std::vector<Mailbox<ServicesSeenPtr>::Delivery> deliveries;
      deliveries.push_back({std::move(completion), last_});
      mailboxes_.at(io_thread)->post(std::move(deliveries));
    }
  }
}

ServicesSeenPtr Neighbours::ask() const {
  // All at once: one that hangs costs everybody its second, not a second for each.
  std::vector<std::deque<Answer>> answers(neighbours_.size());
  {
    std::vector<std::jthread> askers;
    for (std::size_t i = 0; i < neighbours_.size(); ++i) {
      const auto addresses = net::addresses_of(neighbours_[i].url);
      if (!addresses) continue;
      for (const std::string& address : *addresses) {
        if (answers[i].size() == kReplicasAskedMax) break;
        Answer& answer = answers[i].emplace_back();
        answer.health.address = address;
        askers.emplace_back([this, i, &answer] { ask_replica(neighbours_[i], answer); });
      }
    }
  }
  auto seen = std::make_shared<ServicesSeen>();
  std::vector<std::string> metrics;
  for (std::size_t i = 0; i < neighbours_.size(); ++i) {
    ServiceHealth& service = seen->services.emplace_back();
    service.service = neighbours_[i].service;
    for (Answer& answer : answers[i]) {
      service.replicas.push_back(std::move(answer.health));
      if (!answer.metrics.empty()) metrics.push_back(std::move(answer.metrics));
    }
  }
  if (!metrics.empty()) seen->ledger.emplace(std::move(metrics));
  seen->at_us = monotonic_us();
  return seen;
}

}  // namespace instapay::reporting
