#include "reporting/handlers/handlers.h"

namespace instapay::reporting {

net::Reply report_services(Service& service, net::Request&) {
  const ServicesSeenPtr seen = co_await service.neighbours.look();
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  for (const ServiceHealth& health : seen->services) {
    json.begin_object().field("service", health.service);
    json.field("status", health.up ? "ok" : "down").field("ready", health.ready);
    if (health.up) {
      json.field("version", health.version).field("latencyMs", health.latency_ms);
    } else {
      json.key("version").null().key("latencyMs").null();
    }
    json.key("checks").begin_object();
    for (const auto& [name, state] : health.checks) json.field(name, state);
    json.end_object().end_object();
  }
  json.end_array().end_object();
  co_return response;
}

}  // namespace instapay::reporting
