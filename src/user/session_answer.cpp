#include "user/session_answer.h"

#include <algorithm>

#include "auth/access_token.h"
#include "core/time.h"
#include "user/cookies.h"

namespace instapay::user {
namespace {

constexpr std::string_view kTransport = "X-Session-Transport";

}  // namespace

bool wants_cookie(const net::Request& request) { return request.header(kTransport) == "cookie"; }

void check_transport(const net::Request& request, Fields& fields) {
  if (request.has_header(kTransport) && !wants_cookie(request))
    fields.add_error(kTransport, "not_allowed", "X-Session-Transport must be: cookie.");
}

std::string read_refresh_token(const net::Request& request, Fields& fields) {
  check_transport(request, fields);
  if (wants_cookie(request)) return std::string(cookie_of(request, Cookie::refresh));
  std::string token = fields.secret("refreshToken");
  if (token.empty() && !fields.has_error("refreshToken"))
    fields.add_error("refreshToken", "required", "refreshToken is required.");
  return token;
}

FactorState read_factor_state(const pg::Rows& rows, int row, int first_column) {
  const auto column = [&](int i) { return first_column + i; };
  FactorState state;
  state.version = rows.int64(row, column(0));
  state.enrolled = rows.boolean(row, column(1));
  if (const auto at_us = rows.optional_time_us(row, column(3))) {
    state.proven_by = parse_factor(rows.text(row, column(2)));
    state.proven_at_s = *at_us / kSecond_us;
  }
  state.step_up_above_minor = rows.optional_int64(row, column(4));
  state.step_up_new_payees = rows.boolean(row, column(5));
  state.pin_proven_at_s = rows.optional_time_us(row, column(6)).value_or(0) / kSecond_us;
  state.pin_per_payment_minor = rows.optional_int64(row, column(7));
  return state;
}

AccessToken make_access_token(const Service& service, const Uuid& user, Role role,
                              const Uuid& session, std::int64_t left_s,
                              const FactorState& factors) {
  const std::int64_t now_s = now_us() / kSecond_us;
  const std::int64_t expires_in_s = std::min(service.config.access_token_ttl_s, left_s);
  const auth::Claims claims{.subject = user,
                            .session_id = session,
                            .token_id = Uuid::random(),
                            .issued_at_s = now_s,
                            .expires_at_s = now_s + expires_in_s,
                            .role = role,
                            .factors = factors};
  return {auth::issue_access_token(claims, service.keys), expires_in_s};
}

net::Response session_answer(const Service& service, const net::Request& request, const User& user,
                             const Session& session) {
  const std::int64_t now_s = now_us() / kSecond_us;
  const AccessToken token =
      make_access_token(service, user.id, user.role, session.id, session.left_s, session.factors);
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("accessToken", token.text);
  if (wants_cookie(request)) {
    set_cookie(request, response, Cookie::refresh, session.refresh_token,
               std::min(service.config.refresh_token_ttl_s, session.left_s));
    if (const auto known =
            service.devices.renew(cookie_of(request, Cookie::device), user.email, now_s))
      set_cookie(request, response, Cookie::device, *known, auth::kDeviceTokenTtl_s);
  } else {
    json.field("refreshToken", session.refresh_token);
  }
  json.field("tokenType", "Bearer").field("expiresIn", token.expires_in_s);
  json.key("user");
  write_user(json, user, service.config.currency);
  json.end_object();
  return response;
}

void clear_cookie(const net::Request& request, net::Response& response) {
  if (wants_cookie(request)) set_cookie(request, response, Cookie::refresh, "", 0);
}

}  // namespace instapay::user
