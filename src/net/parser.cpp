#include "net/parser.h"

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

}  // namespace

void Parser::on_request_impl(http::verb verb, Text name, Text target, int, Error&) {
  request_.method = method_of(verb);
  request_.method_name = std_view(name);
  request_.target = std_view(target);
}

void Parser::on_field_impl(http::field, Text name, Text value, Error& error) {
  if (request_.header_count() >= kHeaderCountMax) {
    too_many_headers_ = true;
    error = http::error::header_limit;
    return;
  }
  request_.add_header(std_view(name), std_view(value));
}

void Parser::on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& error) {
  if (!length) return;
  if (*length > body_max_bytes_) {
    body_too_large_ = true;
    error = http::error::body_limit;
    return;
  }
  request_.body.reserve(static_cast<std::size_t>(*length));
}

std::size_t Parser::on_body_impl(Text body, Error& error) {
  if (request_.body.size() + body.size() > body_max_bytes_) {
    body_too_large_ = true;
    error = http::error::body_limit;
    return 0;
  }
  request_.body.append(body.data(), body.size());
  return body.size();
}

}  // namespace instapay::net
