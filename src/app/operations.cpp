#include "app/operations.h"

#include <algorithm>

#include "app/api_document.h"
#include "assets.h"
#include "async/io_threads.h"
#include "core/json.h"
#include "core/time.h"
#include "pg/migrations.h"
#include "queries/operations.h"
#include "telemetry/metrics.h"

namespace instapay::app {
namespace {

using net::Access;
using net::Method;
using net::Reply;
using net::Request;
using net::Response;

constexpr std::int64_t kReadyRemembered_us = kSecond_us;

constexpr std::string_view kDocsPage = "src/app/assets/docs.html";

// The page loads only what comes from here.
constexpr std::string_view kDocsPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::optional<std::string_view> asset(std::string_view path) {
  for (const auto& file : assets::kFiles)
    if (file.path == path) return file.text;
  return std::nullopt;
}

Result<Response> document(std::string_view path, std::string type) {
  const auto text = asset(path);
  if (!text) return fail(Code::route_not_found, "There is no such document.");
  Response response{200, std::move(type), std::string(*text)};
  response.header("Cache-Control", "no-cache");
  response.header("Content-Security-Policy", std::string(kDocsPolicy));
  return response;
}

Reply health(Operations& ops, Request&) {
  Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("status", "ok").field("service", ops.service);
  json.field("version", INSTAPAY_VERSION).end_object();
  co_return response;
}

Reply ready(Operations& ops, Request&) {
  const auto [reachable, migrated] = co_await ops.schema_checks[IoThreads::current()].ask(ops.db);
  const bool keys = ops.keys.keys()->size() > 0;
  const bool clock = ops.ledger == nullptr || ops.ledger->clock_is_right();
  const bool room = ops.ledger == nullptr || !ops.ledger->storage_is_low();
  // Low storage takes nobody out of service: reads go on, and payments are refused with their code.
  const bool all = reachable && migrated && keys && clock;
  Response response{all ? 200 : 503, "application/json"};
  if (!all) response.header("Retry-After", "1");
  JsonWriter json(response.body);
  json.begin_object().field("status", all ? "ready" : "unavailable");
  json.field("service", ops.service).key("checks").begin_object();
  json.field("database", reachable ? "ok" : "down");
  json.field("migrations", migrated ? "ok" : "pending");
  json.field("keys", keys ? "ok" : "missing");
  json.field("clock", clock ? "ok" : "off");
  json.field("storage", room ? "ok" : "low").end_object().end_object();
  co_return response;
}

// What a client needs to know before it can read or write an amount.
Reply get_currency(Operations& ops, Request&) {
  const Currency& currency = ops.config.currency;
  Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("code", currency.code).field("name", currency.name);
  json.field("digits", currency.digits);
  json.key("maximum").amount(kAmountMax_minor, currency).end_object();
  co_return response;
}

Reply get_metrics(Operations&, Request&) {
  co_return Response{200, "text/plain; version=0.0.4; charset=utf-8", metrics::scrape()};
}

// The API document, true for this installation's currency.
Result<Response> api_document(std::string_view path, std::string type, const Config& config) {
  auto response = document(path, std::move(type));
  if (response) response->body = document_for(response->body, config.currency);
  return response;
}

Reply openapi(Operations& ops, Request&) {
  co_return api_document("api/openapi.yaml", "application/yaml", ops.config);
}

Reply docs(Operations&, Request&) { co_return document(kDocsPage, "text/html; charset=utf-8"); }

// The one table of error codes, which problems link to as /docs/errors#code.
Response error_codes() {
  constexpr std::string_view kRetryNames[] = {"never", "after_fix", "later"};
  Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().key("data").begin_array();
  for (const CodeInfo& code : all_codes()) {
    json.begin_object().field("code", code.name).field("status", code.status);
    json.field("title", code.title);
    json.field("retry", kRetryNames[static_cast<int>(code.retry)]).end_object();
  }
  json.end_array().end_object();
  response.header("Cache-Control", "no-cache");
  return response;
}

Reply docs_asset(Operations& ops, Request& request) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"}};
  const std::string& name = request.params[0];
  if (name == "errors") co_return document(kDocsPage, "text/html; charset=utf-8");
  if (name == "errors.json") co_return error_codes();
  if (name == "openapi.json")
    co_return api_document("generated/openapi.json", "application/json", ops.config);
  for (const auto& [ending, type] : kTypes)
    if (name.ends_with(ending)) co_return document("src/app/assets/" + name, std::string(type));
  co_return fail(Code::route_not_found, "There is no such document.");
}

Reply jwks(Operations& ops, Request&) {
  Response response{200, "application/jwk-set+json", ops.keys.keys()->to_jwks()};
  response.header("Cache-Control", "public, max-age=300");
  co_return response;
}

constexpr net::Route<Operations> kRoutes[] = {
    {Method::get, "/health", Access::anyone, health, "health"},
    {Method::get, "/health/ready", Access::anyone, ready, "ready"},
    {Method::get, "/metrics", Access::anyone, get_metrics, "metrics"},
    {Method::get, "/api/currency", Access::anyone, get_currency, "get_currency"},
    {Method::get, "/openapi.yaml", Access::anyone, openapi, "openapi"},
    {Method::get, "/docs", Access::anyone, docs, "docs"},
    {Method::get, "/docs/{asset}", Access::anyone, docs_asset, "docs_asset"},
    {Method::get, "/.well-known/jwks.json", Access::anyone, jwks, "jwks"},
};

}  // namespace

Task<SchemaCheck::Verdict> SchemaCheck::query(pg::Pool& db) {
  std::vector<std::int32_t> versions;
  for (const auto& migration : pg::all_migrations()) versions.push_back(migration.version);
  const auto rows =
      co_await db.query(queries::operations::applied_migrations, pg::Params().add_array(versions));
  // A schema newer than this program is fine: migrations only ever expand (docs/operations.md).
  co_return Verdict{.reachable = rows.has_value() || rows.error().is("42P01"),
                    .migrated = rows.has_value() && rows->front().applied ==
                                                        static_cast<std::int64_t>(versions.size())};
}

Task<SchemaCheck::Verdict> SchemaCheck::ask(pg::Pool& db) {
  if (asked_us_ != 0 && monotonic_us() - asked_us_ < kReadyRemembered_us) co_return last_;
  if (asking_)
    co_return co_await suspend<Verdict>(
        [this](CompletionPtr<Verdict> waiter) { waiting_.push_back(std::move(waiter)); });
  asking_ = true;
  last_ = co_await query(db);
  // A pool without a connection costs no query, and at the start has one in a moment.
  asked_us_ = last_.reachable ? monotonic_us() : 0;
  asking_ = false;
  for (auto& waiter : std::exchange(waiting_, {})) waiter->complete(last_);
  co_return last_;
}

std::span<const net::Route<Operations>> operations_routes() { return kRoutes; }

}  // namespace instapay::app
