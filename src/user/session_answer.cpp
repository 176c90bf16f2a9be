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

net::Response session_answer(const Service& service, const net::Request& request, const User& user,
                             const Session& session) {
  const std::int64_t now_s = now_us() / kSecond_us;
  const std::int64_t access_s = std::min(service.config.access_token_ttl_s, session.left_s);
  const auth::Claims claims{.subject = user.id,
                            .session_id = session.id,
                            .token_id = Uuid::random(),
                            .issued_at_s = now_s,
                            .expires_at_s = now_s + access_s,
                            .role = user.role};
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("accessToken", auth::issue_access_token(claims, service.keys));
  if (wants_cookie(request)) {
    set_cookie(request, response, Cookie::refresh, session.refresh_token,
               std::min(service.config.refresh_token_ttl_s, session.left_s));
    if (const auto known =
            service.devices.renew(cookie_of(request, Cookie::device), user.email, now_s))
      set_cookie(request, response, Cookie::device, *known, auth::kDeviceTokenTtl_s);
  } else {
    json.field("refreshToken", session.refresh_token);
  }
  json.field("tokenType", "Bearer").field("expiresIn", access_s);
  json.key("user");
  write_user(json, user, service.config.currency);
  json.end_object();
  return response;
}

void clear_cookie(const net::Request& request, net::Response& response) {
  if (wants_cookie(request)) set_cookie(request, response, Cookie::refresh, "", 0);
}

}  // namespace instapay::user
