#include "net/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace instapay::net {
namespace http = boost::beast::http;
namespace {

std::string_view std_view(boost::beast::string_view text) { return {text.data(), text.size()}; }

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::post:
      return Method::post;
    case http::verb::put:
      return Method::put;
    case http::verb::patch:
      return Method::patch;
    case http::verb::delete_:
      return Method::del;
    case http::verb::options:
      return Method::options;
    case http::verb::head:
      return Method::head;
    default:
      return Method::other;
  }
}

// Beast takes for granted that it gets the last chunk whole, once it has seen the chunk's line.
constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::size_t kLastChunkLine_bytes = 3;

bool is_cut_last_chunk(std::string_view bytes) {
  return bytes.size() >= kLastChunkLine_bytes && bytes.size() < kLastChunk.size() &&
         kLastChunk.starts_with(bytes);
}

constexpr std::string_view kNotHttp = "This is not well-formed HTTP/1.1.";

// The registered name, address and port that a Host or an absolute target may hold (RFC 3986,
// section 3.2), without user information.
bool is_authority(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~%!$&'()*+;=:[]").find(c) != std::string_view::npos;
  });
}

bool is_uri_text(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

std::size_t scheme_size(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
  return 0;
}

// Makes an absolute target ("http://host/path") the path that it names (RFC 9112, section 3.2.2).
std::optional<Error> read_target(Request& request) {
  std::string& target = request.target;
  if (target.size() > kTargetMax_bytes)
    return Error{Code::uri_too_long,
                 fmt::format("The address is longer than {} bytes.", kTargetMax_bytes)};
  if (!is_uri_text(target))
    return Error{Code::bad_request, "The address has characters that must be percent-encoded."};
  if (target.starts_with('/')) return std::nullopt;
  if (target == "*" && request.method == Method::options) return std::nullopt;
  const std::size_t scheme = scheme_size(target);
  if (scheme == 0) return Error{Code::bad_request, "The address must be a path."};
  const std::size_t path = std::min(target.find_first_of("/?", scheme), target.size());
  const std::string_view authority = std::string_view(target).substr(scheme, path - scheme);
  if (authority.empty() || !is_authority(authority))
    return Error{Code::bad_request, "The address names no host that is one."};
  const bool rooted = path < target.size() && target[path] == '/';
  target = (rooted ? "" : "/") + target.substr(path);
  return std::nullopt;
}

}  // namespace

Parser::Parser(Request& request) : request_(request) {
  skip(false);
  // Counted here, over all of a head: Beast counts what it was given last.
  header_limit(static_cast<std::uint32_t>(2 * kHeaderMax_bytes));
  body_limit(boost::none);
}

std::size_t Parser::read(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (stage_ == Stage::head) return read_head(bytes);
  if (stage_ == Stage::body) return read_body(bytes);
  return 0;
}

bool Parser::put(std::string_view bytes, std::size_t& used) {
  BeastError error;
  used = Base::put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error == http::error::need_more) return true;
  // A reason that was given already says more than Beast's.
  if (error && stage_ != Stage::refused) refuse({Code::bad_request, std::string(kNotHttp)});
  return false;
}

std::size_t Parser::read_head(std::string_view bytes) {
  const std::string_view window = bytes.substr(0, kHeaderMax_bytes - head_bytes_);
  std::size_t used = 0;
  const bool wants_more = put(window, used);
  head_bytes_ += used;
  if (stage_ == Stage::refused) return used;
  if (is_header_done()) {
    stage_ = is_done() ? Stage::done : Stage::body;
    eager(true);
  } else if (wants_more && window.size() - used + head_bytes_ >= kHeaderMax_bytes) {
    const bool in_first_line = head_bytes_ == 0 && window.find('\n') == std::string_view::npos;
    refuse(in_first_line
               ? Error{Code::uri_too_long,
                       fmt::format("The request line is longer than {} bytes.", kHeaderMax_bytes)}
               : Error{Code::headers_too_large,
                       fmt::format("The headers are more than {} bytes or {} lines.",
                                   kHeaderMax_bytes, kHeaderCountMax)});
  }
  return used;
}

std::size_t Parser::read_body(std::string_view bytes) {
  std::size_t total = 0;
  while (stage_ == Stage::body && total < bytes.size()) {
    // A chunk's line or the trailers must fit into one window: what stays unread is bounded.
    const std::string_view window = bytes.substr(total, kFramingLineMax_bytes);
    if (chunked() && is_cut_last_chunk(window)) break;
    std::size_t used = 0;
    const bool wants_more = put(window, used);
    total += used;
    body_wire_bytes_ += used;
    if (stage_ == Stage::refused) break;
    if (is_done()) {
      stage_ = Stage::done;
    } else if (body_wire_bytes_ - request_.body.size() >
               kFramingMax_bytes + kFramingPerByteMax * request_.body.size()) {
      refuse({Code::bad_request, "The body is more framing than content."});
    } else if (wants_more && used == 0) {
      if (window.size() == kFramingLineMax_bytes)
        refuse({Code::bad_request, fmt::format("A chunk's line or the trailers are longer than {} "
                                               "bytes.",
                                               kFramingLineMax_bytes)});
      break;
    }
  }
  return total;
}

void Parser::limit_body(std::size_t max_bytes) {
  body_max_bytes_ = max_bytes;
  if (stage_ != Stage::body) return;
  const auto length = content_length();
  if (length && *length > body_max_bytes_) refuse_body_size();
}

void Parser::refuse(Error error) {
  stage_ = Stage::refused;
  refusal_ = std::move(error);
}

void Parser::refuse_body_size() {
  refuse({Code::body_too_large, "The body is larger than this endpoint takes."});
}

void Parser::on_request_impl(http::verb verb, Text name, Text target, int version, BeastError&) {
  request_.method = method_of(verb);
  request_.method_name = std_view(name);
  request_.target = std_view(target);
  request_.http_1_0 = version == 10;
}

void Parser::on_field_impl(http::field, Text name, Text value, BeastError& error) {
  // Trailers come after what they would have decided: they are read and not kept (RFC 9110,
  // section 6.5.1).
  if (stage_ != Stage::head || is_header_done()) return;
  if (request_.header_count() >= kHeaderCountMax) {
    refuse({Code::headers_too_large, fmt::format("The headers are more than {} bytes or {} lines.",
                                                 kHeaderMax_bytes, kHeaderCountMax)});
    error = http::error::header_limit;
    return;
  }
  request_.add_header(std_view(name), std_view(value));
}

// What would let two readers see two requests is refused, and with it the connection.
std::optional<Error> Parser::fault_in_head() {
  const auto bad = [](std::string_view detail) {
    return Error{Code::bad_request, std::string(detail)};
  };
  const std::size_t hosts = request_.count_header("Host");
  if (hosts > 1 || (hosts == 0 && !request_.http_1_0)) return bad("A request has one Host header.");
  if (!is_authority(request_.header("Host"))) return bad("The Host header is not a host.");
  if (request_.count_header("Content-Length") > 1)
    return bad("A request has at most one Content-Length header.");
  if (const std::size_t codings = request_.count_header("Transfer-Encoding"); codings > 0) {
    if (request_.http_1_0) return bad("HTTP/1.0 has no Transfer-Encoding.");
    if (request_.has_header("Content-Length"))
      return bad("Transfer-Encoding and Content-Length exclude each other.");
    if (codings > 1 || !equal_ignoring_case(request_.header("Transfer-Encoding"), "chunked"))
      return bad("The only Transfer-Encoding here is chunked.");
  }
  return read_target(request_);
}

void Parser::on_header_impl(BeastError& error) {
  keep_alive_ = Base::keep_alive();
  if (auto fault = fault_in_head()) {
    refuse(std::move(*fault));
    error = http::error::bad_value;
  }
}

void Parser::on_body_init_impl(const Length& length, BeastError&) {
  // What was only announced takes no memory yet.
  if (length)
    request_.body.reserve(std::min(static_cast<std::size_t>(*length), kFramingLineMax_bytes));
}

std::size_t Parser::on_body_impl(Text body, BeastError& error) {
  if (request_.body.size() + body.size() > body_max_bytes_) {
    refuse_body_size();
    error = http::error::body_limit;
    return 0;
  }
  request_.body.append(body.data(), body.size());
  return body.size();
}

}  // namespace instapay::net
