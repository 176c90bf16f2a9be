#include "user/session_answer.h"

#include <fmt/format.h>

#include "auth/access_token.h"
#include "core/time.h"

namespace instapay::user {
namespace {

constexpr std::string_view kTransport = "X-Session-Transport";
constexpr std::string_view kCookie = "instapay_refresh";

// Sent to these endpoints only, never from another site; refresh and logout also ask for the header
// X-Session-Transport, which another site cannot add without being allowed to (CORS).
std::string cookie(const net::Request& request, std::string_view value, std::int64_t max_age_s) {
  return fmt::format("{}={}; Max-Age={}; Path=/api/users; HttpOnly; SameSite=Strict{}", kCookie,
                     value, max_age_s, request.secure ? "; Secure" : "");
}

std::string_view cookie_of(const net::Request& request) {
  std::string_view rest = request.header("Cookie");
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(kCookie) && pair.substr(kCookie.size()).starts_with('='))
      return pair.substr(kCookie.size() + 1);
  }
  return {};
}

}  // namespace

bool wants_cookie(const net::Request& request) { return request.header(kTransport) == "cookie"; }

void check_transport(const net::Request& request, Fields& fields) {
  if (request.has_header(kTransport) && !wants_cookie(request))
    fields.add_error(kTransport, "not_allowed", "X-Session-Transport must be: cookie.");
}

std::string read_refresh_token(const net::Request& request, Fields& fields) {
  check_transport(request, fields);
  if (wants_cookie(request)) return std::string(cookie_of(request));
  std::string token = fields.secret("refreshToken");
  if (token.empty() && !fields.has_error("refreshToken"))
    fields.add_error("refreshToken", "required", "refreshToken is required.");
  return token;
}

net::Response session_answer(const Service& service, const net::Request& request, const User& user,
                             const Uuid& session_id, const std::string& refresh_token) {
  const std::int64_t now_s = now_us() / kSecond_us;
  const auth::Claims claims{.subject = user.id,
                            .session_id = session_id,
                            .token_id = Uuid::random(),
                            .issued_at_s = now_s,
                            .expires_at_s = now_s + service.config.access_token_ttl_s,
                            .role = user.role};
  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object().field("accessToken", auth::issue_access_token(claims, service.keys));
  if (wants_cookie(request)) {
    response.header("Set-Cookie",
                    cookie(request, refresh_token, service.config.refresh_token_ttl_s));
  } else {
    json.field("refreshToken", refresh_token);
  }
  json.field("tokenType", "Bearer").field("expiresIn", service.config.access_token_ttl_s);
  json.key("user");
  write_user(json, user, service.config.currency);
  json.end_object();
  return response;
}

void clear_cookie(const net::Request& request, net::Response& response) {
  if (wants_cookie(request)) response.header("Set-Cookie", cookie(request, "", 0));
}

}  // namespace instapay::user
