#pragma once
// Responses as bytes (RFC 9112).
#include <string>
#include <string_view>

#include "net/http.h"

namespace instapay::net {

/// Status line and headers, the security headers among them.
void append_head(std::string& out, const Request& request, const Response& response,
                 bool keep_alive);
void append_chunk(std::string& out, std::string_view piece);

}  // namespace instapay::net
