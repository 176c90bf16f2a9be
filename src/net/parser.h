#pragma once
// Beast's HTTP/1 parser feeding our Request. Included by server code only: it pulls in Beast.
#include <boost/beast/http/basic_parser.hpp>

#include "core/limits.h"
#include "net/http.h"

namespace instapay::net {

class Parser final : public boost::beast::http::basic_parser<true> {
 public:
  using Error = boost::beast::error_code;
  using Text = boost::beast::string_view;

  explicit Parser(Request& request) : request_(request) {
    eager(true);
    skip(false);
    header_limit(static_cast<std::uint32_t>(kHeaderMax_bytes));
    body_limit(kBatchBodyMax_bytes);
  }

  /// The largest body from here on; set when the head is known.
  void limit_body(std::size_t max_bytes) { body_max_bytes_ = max_bytes; }
  bool body_too_large() const { return body_too_large_; }
  bool too_many_headers() const { return too_many_headers_; }

 private:
  void on_request_impl(boost::beast::http::verb verb, Text name, Text target, int, Error&) override;
  void on_response_impl(int, Text, int, Error&) override {}
  void on_field_impl(boost::beast::http::field, Text name, Text value, Error& error) override;
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& error) override;
  std::size_t on_body_impl(Text body, Error& error) override;
  void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Error& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(Error&) override {}

  Request& request_;
  std::size_t body_max_bytes_ = kBatchBodyMax_bytes;
  bool body_too_large_ = false, too_many_headers_ = false;
};

}  // namespace instapay::net
