#include "net/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "core/time.h"

namespace instapay::net {
namespace {

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

// "Date: Sun, 22 Nov 2026 12:55:00 GMT", formatted once a second.
std::string_view date_header() {
  thread_local std::int64_t second = 0;
  thread_local std::string text;
  const std::int64_t now_s = now_us() / kSecond_us;
  if (now_s != second) {
    second = now_s;
    const std::time_t time = now_s;
    std::tm parts{};
    gmtime_r(&time, &parts);
    char line[64];
    text.assign(line,
                std::strftime(line, sizeof line, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts));
  }
  return text;
}

bool has(const Response& response, std::string_view name) {
  return std::ranges::any_of(response.headers, [&](const auto& header) {
    return equal_ignoring_case(header.first, name);
  });
}

}  // namespace

void append_head(std::string& out, const Request& request, const Response& response,
                 bool keep_alive) {
  const auto sink = std::back_inserter(out);
  fmt::format_to(sink, "HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
  out += date_header();
  out += "Server: instapay\r\nX-Request-Id: ";
  out += request.request_id;
  out +=
      "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
      "X-Frame-Options: DENY\r\n";
  if (request.secure) out += "Strict-Transport-Security: max-age=31536000\r\n";
  if (!has(response, "Cache-Control")) out += "Cache-Control: no-store\r\n";
  if (!has(response, "Content-Security-Policy"))
    out += "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
  if (!response.content_type.empty()) {
    out += "Content-Type: ";
    out += response.content_type;
    out += "\r\n";
  }
  for (const auto& [name, value] : response.headers) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  if (response.stream) {
    if (!request.http_1_0) out += "Transfer-Encoding: chunked\r\n";
  } else if (response.status != 204 && response.status != 304) {
    fmt::format_to(sink, "Content-Length: {}\r\n", response.body.size());
  }
  // HTTP/1.0 closes unless both sides say otherwise; HTTP/1.1 stays unless one says so.
  if (!keep_alive) {
    out += "Connection: close\r\n";
  } else if (request.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

void append_chunk(std::string& out, std::string_view piece) {
  if (piece.empty()) return;  // an empty chunk would end the body
  fmt::format_to(std::back_inserter(out), "{:x}\r\n{}\r\n", piece.size(), piece);
}

}  // namespace instapay::net
