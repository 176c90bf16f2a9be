#include <algorithm>

#include "auth/access_token.h"
#include "core/time.h"
#include "telemetry/metrics.h"
#include "user/client_login.h"
#include "user/handlers/handlers.h"

namespace instapay::user {
namespace {

void count_token_request(std::string_view result) {
  metrics::counter("instapay_token_requests_total", "Access tokens that service accounts asked for",
                   {{"result", std::string(result)}})
      .Increment();
}

// RFC 6749 §5.2.
net::Response refusal_answer(const TokenRefusal& refusal) {
  const bool unknown = refusal.error == "invalid_client";
  net::Response response{unknown ? 401 : 400, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("error", refusal.error);
  json.field("error_description", refusal.description).end_object();
  response.header("Cache-Control", "no-store");
  if (unknown) response.header("WWW-Authenticate", R"(Basic realm="instapay", charset="UTF-8")");
  count_token_request("refused");
  return response;
}

net::Response token_answer(const Service& service, const Client& client, Scopes scopes) {
  const std::int64_t now_s = now_us() / kSecond_us;
  std::int64_t expires_in_s = service.config.access_token_ttl_s;
  if (client.left_s) expires_in_s = std::min(*client.left_s, expires_in_s);
  auth::Claims claims{.subject = client.machine.id,
                      .session_id = client.credential,
                      .token_id = Uuid::random(),
                      .issued_at_s = now_s,
                      .expires_at_s = now_s + expires_in_s};
  claims.machine = client.machine;
  claims.machine->scopes = scopes;
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("access_token", auth::issue_access_token(claims, service.keys));
  json.field("token_type", "Bearer").field("expires_in", expires_in_s);
  json.field("scope", format(scopes)).end_object();
  response.header("Cache-Control", "no-store");
  count_token_request("issued");
  return response;
}

Error too_many(std::int64_t wait_s) {
  count_token_request("throttled");
  return {Code::rate_limited,
          "Too many requests for tokens; keep the one you have until it "
          "expires.",
          {},
          static_cast<int>(wait_s)};
}

}  // namespace

net::Reply issue_token(Service& service, net::Request& request) {
  // Wrong ones count against their address, never against the account: nobody can lock it out.
  const auth::LoginAttempt attempt{.account = request.address, .address = request.address};
  if (const auto wait_s = service.client_throttle.begin_attempt(attempt, monotonic_us());
      wait_s > 0)
    co_return fail(too_many(wait_s));
  const auto form = net::Form::read(request);
  if (!form)
    co_return refusal_answer(
        {"invalid_request", "Send application/x-www-form-urlencoded, with each name once."});
  const auto answer = co_await authenticate_client(service, request, *form);
  if (!answer) {
    service.client_throttle.abandoned(attempt, monotonic_us());
    co_return fail(answer.error());
  }
  if (!*answer) co_return refusal_answer(answer->error());
  service.client_throttle.succeeded(attempt, monotonic_us());
  const Client& client = **answer;
  const std::string_view id(reinterpret_cast<const char*>(client.machine.id.bytes.data()), 16);
  if (const auto taken = service.token_limiter.take(id, monotonic_us()); !taken.allowed)
    co_return fail(too_many(taken.retry_after_s));
  if (form->field("grant_type") != "client_credentials")
    co_return refusal_answer(
        {form->has("grant_type") ? "unsupported_grant_type" : "invalid_request",
         "grant_type must be client_credentials."});
  Scopes scopes = client.machine.scopes;
  if (form->has("scope")) {
    const auto asked = parse_scopes(form->field("scope"));
    if (!asked || !scopes.has_all(*asked))
      co_return refusal_answer(
          {"invalid_scope", "This service account has: " + format(scopes) + "."});
    scopes = *asked;
  }
  co_return token_answer(service, client, scopes);
}

}  // namespace instapay::user
