#include "user/cookies.h"

#include <fmt/format.h>

#include <algorithm>

namespace instapay::user {
namespace {

// A cookie with the prefix has the path / (RFC 6265bis); without TLS the narrower path is what
// there is.
std::string name_of(const net::Request& request, Cookie cookie) {
  return fmt::format("{}instapay_{}", request.secure ? "__Host-" : "",
                     cookie == Cookie::refresh ? "refresh" : "device");
}

}  // namespace

std::string_view cookie_of(const net::Request& request, Cookie cookie) {
  const std::string name = name_of(request, cookie);
  std::string_view rest = request.header("Cookie");
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
      return pair.substr(name.size() + 1);
  }
  return {};
}

void set_cookie(const net::Request& request, net::Response& response, Cookie cookie,
                std::string_view value, std::int64_t max_age_s) {
  response.header(
      "Set-Cookie",
      fmt::format("{}={}; Max-Age={}; Path={}; HttpOnly; SameSite=Strict{}",
                  name_of(request, cookie), value, max_age_s, request.secure ? "/" : "/api/users",
                  request.secure ? "; Secure" : ""));
}

}  // namespace instapay::user
