#include "net/middleware.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "core/sha256.h"
#include "core/time.h"
#include "telemetry/log.h"

namespace instapay::net {
namespace {

constexpr std::size_t kRequestIdMax_chars = 64;
constexpr std::string_view kAllowedHeaders =
    "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id, "
    "X-Session-Transport, traceparent";
constexpr std::string_view kExposedHeaders =
    "Content-Disposition, Idempotent-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, "
    "RateLimit-Reset, Retry-After, WWW-Authenticate, X-As-Of, X-Request-Id";
constexpr std::string_view kAllowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

bool is_id_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.';
}

// Not the path: paths hold e-mail addresses, queries what people searched for.
std::string_view route_of(const Request& request) {
  return request.route.empty() ? "unmatched" : request.route;
}

// Notes what a limit says; whether the request may go on.
bool count(Request& request, const RateDecision& decision) {
  if (decision.limit > 0) request.rate = decision;
  return decision.allowed;
}

Error too_fast(const Request& request) {
  const std::int64_t wait_s = request.rate ? request.rate->reset_s : 0;
  return {Code::rate_limited, "Too many requests; slow down.", {}, static_cast<int>(wait_s)};
}

}  // namespace

Result<void> charge(Request& request, std::int64_t more) {
  if (request.middleware == nullptr || more <= 0) return {};
  return request.middleware->charge(request, more);
}

void identify(Request& request) {
  const std::string_view given = request.header("X-Request-Id");
  const bool usable = !given.empty() && given.size() <= kRequestIdMax_chars &&
                      std::ranges::all_of(given, is_id_char);
  if (usable) {
    request.request_id = given;
  } else {
    Uuid::v7(now_us()).append_to(request.request_id);
  }
  request.server_span = trace::begin_request(request.header("traceparent"));
}

Middleware::Middleware(const ServerOptions& options, const Router& router, std::size_t threads)
    : options_(options),
      router_(router),
      counted_(threads, std::vector<Counted>(router.entries().size() + 1)) {}

bool Middleware::origin_allowed(std::string_view origin) const {
  return std::ranges::find(options_.cors_origins, origin) != options_.cors_origins.end();
}

std::optional<Response> Middleware::preflight(Request& request) const {
  if (request.method != Method::options) return std::nullopt;
  if (request.target == "*") {  // asks about the server, not about a resource
    Response response = Response::no_content();
    response.header("Allow", std::string(kAllowedMethods));
    return response;
  }
  // Ask for the methods of the path by one that no route has.
  auto matched = router_.match(request);
  if (matched || matched.error().code != Code::method_not_allowed) return std::nullopt;
  Response response = Response::no_content();
  response.header("Allow", matched.error().allow);
  if (request.has_header("Access-Control-Request-Method") &&
      origin_allowed(request.header("Origin"))) {
    response.header("Access-Control-Allow-Methods", std::string(kAllowedMethods));
    response.header("Access-Control-Allow-Headers", std::string(kAllowedHeaders));
    response.header("Access-Control-Max-Age", "600");
  }
  return response;
}

void Middleware::add_cors(const Request& request, Response& response) const {
  const std::string_view origin = request.header("Origin");
  if (origin.empty()) return;
  response.header("Vary", "Origin");
  if (!origin_allowed(origin)) return;
  response.header("Access-Control-Allow-Origin", std::string(origin));
  response.header("Access-Control-Expose-Headers", std::string(kExposedHeaders));
}

namespace {

Error awaited_factor(const FactorState& factors) {
  if (factors.enrolled) return step_up_error();
  return {Code::factor_enrolment_required, "Staff here need a second factor; set one up first."};
}

Result<void> authorize_machine(const Router::Entry& entry, const Principal& principal) {
  const Machine& machine = *principal.machine;
  const bool allowed = entry.access == Access::user ||
                       (entry.access == Access::staff && !machine.wallet.has_value());
  if (!entry.scope || !allowed)
    return fail(Code::insufficient_scope, "Service accounts may not do this.");
  if (machine.scopes.has(*entry.scope)) return {};
  return fail(Code::insufficient_scope,
              fmt::format("This needs the scope {}.", name_of(*entry.scope)));
}

}  // namespace

Result<void> Middleware::authorize(const Router::Entry& entry, Request& request) const {
  if (entry.access == Access::anyone || entry.access == Access::anyone_counted) return {};
  const std::string_view header = request.header("Authorization");
  if (header.empty())
    return fail(Code::token_missing, "Send an access token: Authorization: Bearer …");
  if (header.size() < 8 || !equal_ignoring_case(header.substr(0, 7), "Bearer "))
    return fail(Code::token_invalid, "The Authorization header must be: Bearer <access token>.");
  auto principal = options_.authenticate(header.substr(7));
  if (!principal) return fail(std::move(principal.error()));
  request.principal = *principal;
  if (principal->machine) return authorize_machine(entry, *principal);
  const bool allowed = entry.access == Access::user || principal->may(permission_of(entry.access));
  if (!allowed && principal->awaits_factor) return fail(awaited_factor(principal->factors));
  if (!allowed) return fail(Code::forbidden, "Your role may not do this.");
  return {};
}

Middleware::Admission Middleware::before(Request& request) const {
  Admission admission;
  admission.begun_us = monotonic_us();
  request.middleware = this;
  identify(request);
  const auto refuse = [&](const Error& error) -> Admission& {
    admission.refused = problem(error, request);
    return admission;
  };

  if (auto answer = preflight(request)) {
    admission.refused = std::move(*answer);
    return admission;
  }
  // By address first: it costs an attacker's guess nothing to be refused here.
  auto matched = router_.match(request);
  const bool operational = matched && (*matched)->access == Access::anyone &&
                           (*matched)->method == Method::get;  // health, metrics, docs
  if (!operational && options_.limit_address &&
      !count(request, options_.limit_address(request.address, 0)))
    return refuse(too_fast(request));

  if (!matched) {
    if (matched.error().code == Code::route_not_found && options_.fallback &&
        (request.method == Method::get || request.method == Method::head))
      if (auto page = options_.fallback(request)) {
        admission.refused = std::move(*page);
        return admission;
      }
    return refuse(matched.error());
  }
  admission.entry = *matched;
  if (auto allowed = authorize(**matched, request); !allowed) return refuse(allowed.error());
  if (request.principal && options_.limit_user &&
      !count(request, options_.limit_user(request.principal->identity(), 0)))
    return refuse(too_fast(request));
  return admission;
}

Result<void> Middleware::charge(Request& request, std::int64_t more) const {
  if (options_.limit_address && !count(request, options_.limit_address(request.address, more)))
    return fail(too_fast(request));
  if (request.principal && options_.limit_user &&
      !count(request, options_.limit_user(request.principal->identity(), more)))
    return fail(too_fast(request));
  return {};
}

Task<Response> Middleware::handle(const Admission& admission, Request& request) const {
  try {
    auto result = co_await admission.entry->handle(request);
    if (result) co_return std::move(*result);
    co_return problem(result.error(), request);
  } catch (const std::exception& exception) {
    log::error("handler threw", {{"error.message", exception.what()},
                                 {"http.route", admission.entry->name},
                                 {"http.request.id", request.request_id}});
  }
  co_return problem({Code::internal_error, "Something went wrong on our side."}, request);
}

Middleware::Counted& Middleware::counted(const Router::Entry* entry) {
  auto& mine = counted_[IoThreads::current()][entry == nullptr ? 0 : entry->index + 1];
  if (mine.duration == nullptr)
    mine.duration = &metrics::histogram(
        "instapay_http_request_duration_seconds", "Time from the request's head to its answer",
        metrics::latency_buckets_s(),
        {{"service", options_.service},
         {"route", entry == nullptr ? "unmatched" : std::string(entry->name)}});
  return mine;
}

void Middleware::after(const Admission& admission, const Request& request, Response& response) {
  if (request.rate) {
    response.header("RateLimit-Limit", std::to_string(request.rate->limit));
    response.header("RateLimit-Remaining", std::to_string(request.rate->remaining));
    response.header("RateLimit-Reset", std::to_string(request.rate->reset_s));
  }
  add_cors(request, response);

  const std::int64_t took_us = monotonic_us() - admission.begun_us;
  Counted& count = counted(admission.entry);
  auto& of_status = count.by_status[response.status];
  if (of_status == nullptr)
    of_status = &metrics::counter(
        "instapay_http_requests_total", "Requests answered",
        {{"service", options_.service},
         {"route", admission.entry == nullptr ? "unmatched" : std::string(admission.entry->name)},
         {"method", std::string(name_of(request.method))},
         {"status", std::to_string(response.status)}});
  of_status->Increment();
  count.duration->Observe(static_cast<double>(took_us) / 1e6);

  if (request.server_span.sampled)
    trace::add({.context = request.server_span,
                .name = fmt::format("{} {}", name_of(request.method), route_of(request)),
                .kind = trace::Kind::server,
                .begun_us = now_us() - took_us,
                .ended_us = now_us(),
                .failed = response.status >= 500,
                .attributes = {{"http.request.method", request.method_name},
                               {"http.route", std::string(route_of(request))},
                               {"http.response.status_code", std::int64_t{response.status}},
                               {"instapay.request.id", request.request_id}}});

  if (!log::enabled(log::Level::info)) return;
  // A refusal for going too fast comes as often as its sender likes: it must not fill a disk
  // either.
  const bool routine =
      (response.status < 400 && took_us < kSlowRequest_us) || response.status == 429;
  if (routine && !log::sample()) return;
  const std::string user =
      request.principal ? request.principal->user_id.to_string() : std::string();
  const std::string trace_id =
      request.server_span.known() ? to_hex(request.server_span.trace) : std::string();
  log::write(log::Level::info, "request",
             {{"event.dataset", options_.service},
              {"http.request.id", request.request_id},
              {"trace.id", trace_id},
              {"http.request.method", request.method_name},
              {"http.route", route_of(request)},
              {"http.response.status_code", response.status},
              {"event.duration", took_us * 1000},
              {"client.address", request.address},
              {"user.id", user}});
}

}  // namespace instapay::net
