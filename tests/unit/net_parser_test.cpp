#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <gtest/gtest.h>

#include "net/parser.h"

namespace instapay::net {
namespace {

namespace http = boost::beast::http;

struct Parsed {
  Request request;
  boost::beast::error_code error;
  bool done = false, body_too_large = false, too_many_headers = false, keep_alive = false;
};

// Feeds the bytes in pieces of `step`.
Parsed parse(std::string_view bytes, std::size_t step, std::size_t body_max = kBodyMax_bytes) {
  Parsed out;
  Parser parser(out.request);
  parser.limit_body(body_max);
  std::string waiting;
  for (std::size_t at = 0; at < bytes.size() && !out.error && !parser.is_done();) {
    waiting += bytes.substr(at, step);
    at += std::min(step, bytes.size() - at);
    while (!waiting.empty() && !parser.is_done()) {
      const std::size_t used = parser.put(boost::asio::buffer(waiting), out.error);
      waiting.erase(0, used);
      if (out.error == http::error::need_more) {
        out.error = {};
        break;
      }
      if (out.error) break;
    }
  }
  out.done = parser.is_done();
  out.body_too_large = parser.body_too_large();
  out.too_many_headers = parser.too_many_headers();
  out.keep_alive = parser.is_header_done() && parser.keep_alive();
  return out;
}

class InPieces : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Parser, InPieces, ::testing::Values(1, 2, 3, 7, 64, 100'000));

TEST_P(InPieces, ReadsARequest) {
  const auto p = parse(
      "POST /api/x?y=%20 HTTP/1.1\r\nHost: a\r\nX-Two:  b c \r\nX-Two: d\r\nContent-Length: "
      "5\r\n\r\nhello",
      GetParam());
  ASSERT_TRUE(p.done) << p.error.message();
  EXPECT_EQ(p.request.method, Method::post);
  EXPECT_EQ(p.request.method_name, "POST");
  EXPECT_EQ(p.request.target, "/api/x?y=%20");
  EXPECT_EQ(p.request.header("x-two"), "b c");
  EXPECT_EQ(p.request.count_header("X-Two"), 2U);
  EXPECT_EQ(p.request.body, "hello");
  EXPECT_TRUE(p.keep_alive);
}

TEST_P(InPieces, ReadsChunks) {
  const auto p = parse(
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nT: "
      "r\r\n\r\n",
      GetParam());
  ASSERT_TRUE(p.done) << p.error.message();
  EXPECT_EQ(p.request.body, "hello!");
}

TEST_P(InPieces, EndsBodiesAboveTheLimit) {
  const auto told = parse("POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nhello!", GetParam(), 5);
  EXPECT_TRUE(told.error);
  EXPECT_TRUE(told.body_too_large);
  EXPECT_TRUE(told.request.body.empty());
  const auto untold = parse(
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n",
      GetParam(), 5);
  EXPECT_TRUE(untold.error);
  EXPECT_TRUE(untold.body_too_large);
  EXPECT_LE(untold.request.body.size(), 5U);
}

TEST_P(InPieces, RefusesWhatCouldBeReadInTwoWays) {
  for (const std::string& bytes : {
           std::string("POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
           std::string("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: "
                       "chunked\r\n\r\n0\r\n\r\n"),
           std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: "
                       "5\r\n\r\n0\r\n\r\n"),
           std::string("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
           std::string("POST / HTTP/1.1\r\nContent-Length: 5x\r\n\r\nhello"),
           std::string("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"),
           std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
           std::string("GET / HTTP/1.1\r\nBad Header: x\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nX : y\r\n\r\n"),
           std::string("GET /a b HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/9.9\r\n\r\n"),
           std::string("GET / HTTP/1.1\nHost: a\n\n"),
           std::string("\x16\x03\x01\x02", 4),
           std::string("GET /\0 HTTP/1.1\r\n\r\n", 19),
       }) {
    const auto p = parse(bytes, GetParam());
    EXPECT_FALSE(p.done) << bytes;
  }
}

TEST_P(InPieces, BoundsTheHead) {
  std::string many = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i <= kHeaderCountMax; ++i) many += "A: b\r\n";
  const auto p = parse(many + "\r\n", GetParam());
  EXPECT_TRUE(p.too_many_headers);
  EXPECT_EQ(p.error, http::error::header_limit);
  const auto wide =
      parse("GET / HTTP/1.1\r\nA: " + std::string(kHeaderMax_bytes, 'x') + "\r\n\r\n", GetParam());
  EXPECT_EQ(wide.error, http::error::header_limit);
}

TEST(Parser, KnowsMethodsAndKeepAlive) {
  for (const auto& [name, method] :
       std::to_array<std::pair<std::string, Method>>({{"GET", Method::get},
                                                      {"PUT", Method::put},
                                                      {"PATCH", Method::patch},
                                                      {"DELETE", Method::del},
                                                      {"OPTIONS", Method::options},
                                                      {"HEAD", Method::head},
                                                      {"TRACE", Method::other},
                                                      {"BREW", Method::other}}))
    EXPECT_EQ(parse(name + " / HTTP/1.1\r\n\r\n", 99).request.method, method) << name;
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n", 99).keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 99).keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 99).keep_alive);
}

}  // namespace
}  // namespace instapay::net
