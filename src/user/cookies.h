#pragma once
// The two cookies of browsers. Both are HttpOnly, never sent by another site, and under TLS they
// have the prefix __Host-, so that no other host of the domain can set them.
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http.h"

namespace instapay::user {

enum class Cookie : std::uint8_t {
  refresh,  // the refresh token
  device,   // that somebody has signed in from this browser (auth/device_tokens.h)
};

/// Its value; empty when the request has none.
std::string_view cookie_of(const net::Request& request, Cookie cookie);

/// Keeps it for so long; 0 forgets it.
void set_cookie(const net::Request& request, net::Response& response, Cookie cookie,
                std::string_view value, std::int64_t max_age_s);

}  // namespace instapay::user
