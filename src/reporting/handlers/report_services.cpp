#include <algorithm>

#include "reporting/handlers/handlers.h"

namespace instapay::reporting {
namespace {

// What all replicas say; where they differ, what is not good.
std::vector<std::pair<std::string, std::string>> checks_of(const ServiceHealth& service) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const ReplicaHealth& replica : service.replicas)
    for (const auto& [name, state] : replica.checks) {
      const auto found = std::ranges::find(all, name, &std::pair<std::string, std::string>::first);
      if (found == all.end()) {
        all.emplace_back(name, state);
      } else if (found->second == "ok") {
        found->second = state;
      }
    }
  return all;
}

void write_health(JsonWriter& json, bool up, bool ready, const std::string& version,
                  std::int64_t latency_ms,
                  const std::vector<std::pair<std::string, std::string>>& checks) {
  json.field("status", up ? "ok" : "down").field("ready", ready);
  json.field_or_null("version", version).key("latencyMs");
  if (up) {
    json.value(latency_ms);
  } else {
    json.null();
  }
  json.key("checks").begin_object();
  for (const auto& [name, state] : checks) json.field(name, state);
  json.end_object();
}

// Good only when every replica is; its version is that of all of them, or null while they differ.
void write_service(JsonWriter& json, const ServiceHealth& service) {
  const auto& replicas = service.replicas;
  const bool up = !replicas.empty() && std::ranges::all_of(replicas, &ReplicaHealth::up);
  const bool ready = up && std::ranges::all_of(replicas, &ReplicaHealth::ready);
  std::int64_t slowest_ms = 0;
  for (const ReplicaHealth& replica : replicas)
    slowest_ms = std::max(slowest_ms, replica.latency_ms);
  const bool one_version = up && std::ranges::all_of(replicas, [&](const ReplicaHealth& replica) {
                             return replica.version == replicas.front().version;
                           });
  json.begin_object().field("service", service.service);
  write_health(json, up, ready, one_version ? replicas.front().version : std::string(), slowest_ms,
               checks_of(service));
  json.key("replicas").begin_array();
  for (const ReplicaHealth& replica : replicas) {
    json.begin_object().field("address", replica.address);
    write_health(json, replica.up, replica.ready, replica.version, replica.latency_ms,
                 replica.checks);
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace

net::Reply report_services(Service& service, net::Request&) {
  const ServicesSeenPtr seen = co_await service.neighbours.look();
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  for (const ServiceHealth& health : seen->services) write_service(json, health);
  json.end_array().end_object();
  co_return response;
}

}  // namespace instapay::reporting
