#include <gtest/gtest.h>

#include "net/parser.h"

namespace instapay::net {
namespace {

using Stage = Parser::Stage;

struct Parsed {
  Request request;
  Stage stage = Stage::head;
  Error refusal;
  bool keep_alive = false;
  std::size_t unread_max = 0;  // most that stood unread before more came
  std::string rest;            // of the next request
};

// Feeds the bytes in pieces of `step`.
Parsed parse(std::string_view bytes, std::size_t step, std::size_t body_max = kBodyMax_bytes) {
  Parsed out;
  Parser parser(out.request);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    out.rest += bytes.substr(at, step);
    while (!out.rest.empty()) {
      const bool head = parser.stage() == Stage::head;
      const std::size_t used = parser.read(out.rest);
      out.rest.erase(0, used);
      if (head && parser.stage() != Stage::head) parser.limit_body(body_max);
      if (used == 0) break;
    }
    out.unread_max = std::max(out.unread_max, out.rest.size());
    if (parser.stage() == Stage::done || parser.stage() == Stage::refused) {
      out.rest += bytes.substr(std::min(at + step, bytes.size()));
      break;
    }
  }
  out.stage = parser.stage();
  out.refusal = parser.refusal();
  out.keep_alive = parser.keep_alive();
  return out;
}

class InPieces : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Parser, InPieces, ::testing::Values(1, 2, 3, 7, 64, 100'000));

TEST_P(InPieces, ReadsARequest) {
  const auto p = parse(
      "POST /api/x?y=%20 HTTP/1.1\r\nHost: a\r\nX-Two:  b c \r\nX-Two: d\r\nContent-Length: "
      "5\r\n\r\nhello",
      GetParam());
  ASSERT_EQ(p.stage, Stage::done) << p.refusal.detail;
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
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nT: "
      "r\r\n\r\n",
      GetParam());
  ASSERT_EQ(p.stage, Stage::done) << p.refusal.detail;
  EXPECT_EQ(p.request.body, "hello!");
}

TEST_P(InPieces, EndsBodiesAboveTheLimit) {
  const auto told =
      parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhello!", GetParam(), 5);
  EXPECT_EQ(told.stage, Stage::refused);
  EXPECT_EQ(told.refusal.code, Code::body_too_large);
  EXPECT_TRUE(told.request.body.empty());
  const auto untold = parse(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n"
      "0\r\n\r\n",
      GetParam(), 5);
  EXPECT_EQ(untold.stage, Stage::refused);
  EXPECT_EQ(untold.refusal.code, Code::body_too_large);
  EXPECT_LE(untold.request.body.size(), 5U);
}

TEST(Parser, RefusesAnAnnouncedBodyBeforeItsFirstByte) {
  const auto p = parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n", 1'000, 5);
  EXPECT_EQ(p.stage, Stage::refused);
  EXPECT_EQ(p.refusal.code, Code::body_too_large);
}

TEST_P(InPieces, RefusesWhatCouldBeReadInTwoWays) {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunks = "\r\n0\r\n\r\n";
  for (const std::string& bytes : {
           post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
           post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
           post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n" + chunks,
           post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n" + chunks,
           post + "Content-Length: -1\r\n\r\n",
           post + "Content-Length: +5\r\n\r\nhello",
           post + "Content-Length: 5x\r\n\r\nhello",
           post + "Content-Length: 99999999999999999999\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
           post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + chunks,
           post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n" + chunks,
           post + "Transfer-Encoding: identity\r\n" + chunks,
           post + "Transfer-Encoding: gzip\r\n" + chunks,
           post + "Transfer-Encoding: gzip, chunked\r\n" + chunks,
           post + "Transfer-Encoding: chunked, gzip\r\n" + chunks,
           post + "Transfer-Encoding: chunked;q=1\r\n" + chunks,
           post + "Transfer-Encoding: xchunked\r\n" + chunks,
           post + "Transfer-Encoding: \"chunked\"\r\n" + chunks,
           post + "Transfer-Encoding:\r\n" + chunks,
           std::string("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n") + chunks,
           std::string("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: gzip\r\n") + chunks,
           std::string("GET / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"),
           std::string("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: \xff\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"),
           std::string("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"),
           std::string("GET / HTTP/9.9\r\nHost: a\r\n\r\n"),
           std::string("GET / HTTP/1.1\nHost: a\n\n"),
           std::string("\x16\x03\x01\x02", 4),
           std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28),
       }) {
    const auto p = parse(bytes + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n", GetParam());
    EXPECT_EQ(p.stage, Stage::refused) << bytes;
    EXPECT_EQ(p.refusal.code, Code::bad_request) << bytes;
  }
}

TEST_P(InPieces, TakesOneHostOrNoneOfHttp10) {
  for (const auto* head :
       {"GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:  Chunked \r\n\r\n0\r\n\r\n"})
    EXPECT_EQ(parse(head, GetParam()).stage, Stage::done) << head;
}

TEST_P(InPieces, ReadsEveryFormOfTarget) {
  struct Case {
    std::string_view line, target;
  };
  for (const auto& [line, target] : {
           Case{"GET /a?b=c", "/a?b=c"},
           Case{"GET //a", "//a"},
           Case{"GET http://a.example/b?c=d", "/b?c=d"},
           Case{"GET HTTPS://a.example:443/b", "/b"},
           Case{"GET http://a.example", "/"},
           Case{"GET http://a.example?x=/y", "/?x=/y"},
           Case{"GET http://[::1]:80/x", "/x"},
           Case{"OPTIONS *", "*"},
       }) {
    const auto p = parse(std::string(line) + " HTTP/1.1\r\nHost: a\r\n\r\n", GetParam());
    ASSERT_EQ(p.stage, Stage::done) << line << ": " << p.refusal.detail;
    EXPECT_EQ(p.request.target, target);
  }
  for (const std::string line :
       {"GET *", "GET a", "GET ?x", "GET a.example:443", "CONNECT a.example:443", "GET ftp://a/b",
        "GET http:///b", "GET http://", "GET http://u@a/b", "GET http://a b/", "GET http:/a",
        "GET /\xff", "GET /\xc3\xa9", "GET /a#b", "GET /\x7f", "GET http://\xff/",
        "GET file:///a"}) {
    const auto p = parse(line + " HTTP/1.1\r\nHost: a\r\n\r\n", GetParam());
    EXPECT_EQ(p.stage, Stage::refused) << line;
    EXPECT_EQ(p.refusal.code, Code::bad_request) << line;
  }
}

TEST_P(InPieces, BoundsTheHead) {
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 0; i < kHeaderCountMax; ++i) many += "A: b\r\n";
  EXPECT_EQ(parse(many + "\r\n", GetParam()).refusal.code, Code::headers_too_large);

  // The same bytes are within the limit or above it, however they are cut.
  const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\n";
  const auto padded_to = [&](std::size_t size) {
    std::string head = begin;
    while (head.size() + 200 < size) head += "A: " + std::string(100, 'x') + "\r\n";
    return head + "B: " + std::string(size - head.size() - 7, 'x') + "\r\n\r\n";
  };
  ASSERT_EQ(padded_to(kHeaderMax_bytes).size(), kHeaderMax_bytes);
  EXPECT_EQ(
      parse(begin + "A: " + std::string(kHeaderMax_bytes - begin.size() - 7, 'x') + "\r\n\r\n",
            GetParam())
          .stage,
      Stage::done);
  for (const std::string& above :
       {begin + "A: " + std::string(kHeaderMax_bytes - begin.size() - 6, 'x') + "\r\n\r\n",
        begin + "A: " + std::string(9 * kHeaderMax_bytes, 'x'), padded_to(kHeaderMax_bytes + 1)})
    EXPECT_EQ(parse(above, GetParam()).refusal.code, Code::headers_too_large);
  EXPECT_EQ(parse("GET /" + std::string(9 * kHeaderMax_bytes, 'x'), GetParam()).refusal.code,
            Code::uri_too_long);
  EXPECT_EQ(parse("GET /" + std::string(kTargetMax_bytes, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n",
                  GetParam())
                .refusal.code,
            Code::uri_too_long);
}

TEST_P(InPieces, IgnoresTrailers) {
  const auto p = parse(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
      "Idempotency-Key: k\r\nAuthorization: Bearer x\r\nConnection: close\r\nHost: b\r\n\r\n"
      "GET /next",
      GetParam());
  ASSERT_EQ(p.stage, Stage::done) << p.refusal.detail;
  EXPECT_EQ(p.request.header_count(), 2U);
  EXPECT_FALSE(p.request.has_header("Idempotency-Key"));
  EXPECT_FALSE(p.request.has_header("Authorization"));
  EXPECT_TRUE(p.keep_alive);
  EXPECT_EQ(p.rest, "GET /next");
}

TEST_P(InPieces, KeepsNoFramingWithoutEnd) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string much(1'000'000, 'x');
  std::string tiny_chunks, extensions;
  for (int i = 0; i < 20'000; ++i) tiny_chunks += "000000000001\r\nx\r\n";
  for (int i = 0; i < 1'000; ++i) extensions += "1;" + std::string(1'000, 'x') + "\r\nx\r\n";
  for (const std::string& endless :
       {head + "1;" + much, head + "1;a=\"" + much, head + std::string(1'000'000, '0'),
        head + "0\r\nA: " + much, head + "0;" + much, head + tiny_chunks, head + extensions}) {
    const auto p = parse(endless, GetParam());
    EXPECT_EQ(p.stage, Stage::refused) << endless.substr(head.size(), 20);
    EXPECT_EQ(p.refusal.code, Code::bad_request);
    EXPECT_LE(p.unread_max, kFramingLineMax_bytes + GetParam());
  }
}

TEST(Parser, AnnouncedBytesTakeNoMemory) {
  const auto p = parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n{", 1'000);
  EXPECT_EQ(p.stage, Stage::body);
  EXPECT_LE(p.request.body.capacity(), kFramingLineMax_bytes);
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
    EXPECT_EQ(parse(name + " / HTTP/1.1\r\nHost: a\r\n\r\n", 99).request.method, method) << name;
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n", 99).keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 99).keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 99).keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 99).keep_alive);
}

}  // namespace
}  // namespace instapay::net
