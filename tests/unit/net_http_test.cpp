#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/sha256.h"
#include "net/http.h"
#include "net/json_body.h"
#include "net/middleware.h"
#include "net/page.h"
#include "net/wire.h"

namespace instapay::net {
namespace {

struct Decoding {
  std::string_view text;
  std::optional<std::string> path, query;
};

TEST(PercentDecode, Table) {
  for (const auto& [text, path, query] : {
           Decoding{"", "", ""},
           Decoding{"abc", "abc", "abc"},
           Decoding{"%41", "A", "A"},
           Decoding{"a%2Fb%2fc", "a/b/c", "a/b/c"},
           Decoding{"a+b", "a+b", "a b"},
           Decoding{"a%2Bb", "a+b", "a+b"},
           Decoding{"%C3%A9%e2%82%ac", "é€", "é€"},
           Decoding{"%25", "%", "%"},
           Decoding{"%", {}, {}},
           Decoding{"%4", {}, {}},
           Decoding{"a%", {}, {}},
           Decoding{"%4g", {}, {}},
           Decoding{"%g4", {}, {}},
           Decoding{"%%41", {}, {}},
           Decoding{"%00", {}, {}},
           Decoding{"%ff", {}, {}},
           Decoding{"%c3", {}, {}},
           Decoding{"%c0%af", {}, {}},
           Decoding{"%ed%a0%80", {}, {}},
           Decoding{"\xff", {}, {}},
       }) {
    EXPECT_EQ(percent_decode(text, false), path) << text;
    EXPECT_EQ(percent_decode(text, true), query) << text;
  }
}

TEST(Utf8, Table) {
  for (const auto* text :
       {"", "abc", "é", "€", "😀", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"})
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  for (const auto* text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3\x41", "\xe2\x82\x41", "a\xff", "\xfe"})
    EXPECT_FALSE(is_valid_utf8(text)) << text;
}

Request get(std::string_view target) {
  Request request;
  request.method = Method::get;
  request.target = target;
  return request;
}

TEST(Request, SplitsTheTarget) {
  const Request request = get("/api/x?a=1&b=&c&a=2&%64=%26&e=x%3Dy+z&=7");
  EXPECT_EQ(request.path(), "/api/x");
  EXPECT_EQ(request.query("a"), "1");
  EXPECT_EQ(request.query("b"), "");
  EXPECT_EQ(request.query("c"), "");
  EXPECT_EQ(request.query("d"), "&");
  EXPECT_EQ(request.query("e"), "x=y z");
  EXPECT_EQ(request.query(""), "7");
  EXPECT_EQ(request.query("A"), std::nullopt);
  EXPECT_EQ(get("/x").query("a"), std::nullopt);
  EXPECT_EQ(get("/x?").query("a"), std::nullopt);
  EXPECT_EQ(get("/x?&&&").query("a"), std::nullopt);
  EXPECT_EQ(get("/x?a=?b").query("a"), "?b");
  EXPECT_EQ(get("").path(), "");
}

TEST(Request, WhatCannotBeDecodedIsNothingThatValidates) {
  EXPECT_EQ(get("/x?a=%zz").query("a"), "\x7f");
  EXPECT_EQ(get("/x?%zz=1&a=2").query("a"), "2");
}

TEST(Request, HeadersIgnoreCaseAndTheFirstOneCounts) {
  Request request;
  request.add_header("Content-Type", "text/plain");
  request.add_header("X-Thing", "one");
  request.add_header("x-thing", "two");
  request.add_header("Empty", "");
  EXPECT_EQ(request.header("content-type"), "text/plain");
  EXPECT_EQ(request.header("X-THING"), "one");
  EXPECT_EQ(request.count_header("x-Thing"), 2U);
  EXPECT_EQ(request.header("absent"), "");
  EXPECT_TRUE(request.has_header("empty"));
  EXPECT_FALSE(request.has_header("absent"));
  EXPECT_EQ(request.header_count(), 4U);
  request.clear();
  EXPECT_EQ(request.header_count(), 0U);
  EXPECT_FALSE(request.has_header("Empty"));
}

TEST(Problem, IsRfc9457) {
  Request request;
  request.request_id = "r-1";
  Error error{Code::validation_failed, "Two \"fields\"."};
  error.fields = {{"amount", "required", "amount is required."}};
  const Response response = problem(error, request);
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(
      response.body,
      R"({"type":"/docs/errors#validation_failed","title":"The request has invalid fields",)"
      R"("status":422,"code":"validation_failed","detail":"Two \"fields\".","request_id":"r-1",)"
      R"("errors":[{"field":"amount","code":"required","detail":"amount is required."}]})");
}

TEST(Problem, ListsFiftyMistakesAndSaysHowManyMore) {
  Request request;
  request.request_id = "r-1";
  Error error{Code::batch_rejected, "Nothing was transferred."};
  for (int i = 0; i < 60; ++i)
    error.fields.push_back({fmt::format("transfers[{}]", i), "payee_not_found", "No such payee."});
  const std::string body = problem(error, request).body;
  EXPECT_TRUE(body.contains("Nothing was transferred. These are the first 50, and 10 more."))
      << body;
  EXPECT_TRUE(body.contains("transfers[49]"));
  EXPECT_FALSE(body.contains("transfers[50]"));
}

TEST(Problem, IsUtf8WhateverItRepeats) {
  const std::string body = problem({Code::route_not_found, "There is nothing at /\xff."}, {}).body;
  EXPECT_TRUE(is_valid_utf8(body)) << body;
}

TEST(Problem, SaysWhatARefusedAmountRanInto) {
  Request request;
  request.request_id = "r-1";
  Error error{Code::daily_limit_exceeded, "Too much."};
  error.bounds = {.limit = "80.00", .left = "35.00", .resets_us = 86'400'000'000};
  EXPECT_TRUE(
      problem(error, request)
          .body.ends_with(
              R"("request_id":"r-1","limit":80.00,"left":35.00,"resetsAt":"1970-01-02T00:00:00.000000Z"})"))
      << problem(error, request).body;
  error.bounds = {.left = "0.00"};
  EXPECT_TRUE(problem(error, request).body.ends_with(R"("request_id":"r-1","left":0.00})"));
}

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

TEST(Problem, SaysWhenToComeBackAndHowToSignIn) {
  const Request request;
  EXPECT_EQ(header_of(problem({Code::overloaded, ""}, request), "Retry-After"), "1");
  Error later{Code::rate_limited, ""};
  later.retry_after_s = 7;
  EXPECT_EQ(header_of(problem(later, request), "Retry-After"), "7");
  EXPECT_EQ(header_of(problem({Code::forbidden, ""}, request), "Retry-After"), "");
  EXPECT_EQ(header_of(problem({Code::token_missing, ""}, request), "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(header_of(problem({Code::token_expired, ""}, request), "WWW-Authenticate"),
            "Bearer error=\"invalid_token\"");
  // The token is good, or none is needed: another one would not help.
  for (const Code code : {Code::invalid_credentials, Code::factor_code_invalid})
    EXPECT_EQ(header_of(problem({code, ""}, request), "WWW-Authenticate"), "Bearer");
}

TEST(JsonBody, WantsItsMediaType) {
  for (const auto* type : {"application/json", "Application/JSON",
                           "application/json; charset=utf-8", "application/json ;charset=utf-8"}) {
    Request request;
    request.add_header("Content-Type", type);
    request.body = "{}";
    EXPECT_TRUE(json_body(request)) << type;
  }
  for (const auto* type : {"", "text/json", "application/jsonx",
                           "application/x-www-form-urlencoded", "text/plain; application/json"}) {
    Request request;
    if (*type != '\0') request.add_header("Content-Type", type);
    request.body = "{}";
    const auto body = json_body(request);
    ASSERT_FALSE(body) << type;
    EXPECT_EQ(body.error().code, Code::unsupported_media_type) << type;
  }
}

TEST(UuidParam, NamesTheParameter) {
  Request request;
  request.params = {"00000000-0000-0000-0000-000000000001", "x"};
  EXPECT_EQ(uuid_param(request, 0), Uuid::reserved(1));
  const auto bad = uuid_param(request, 1, "session_id");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().fields.at(0).field, "session_id");
}

struct PageCase {
  std::string_view query;
  int limit;
  bool good;
};

TEST(QueryReader, PageLimits) {
  for (const auto& [query, limit, good] : {
           PageCase{"", 20, true},
           PageCase{"?limit=1", 1, true},
           PageCase{"?limit=100", 100, true},
           PageCase{"?limit=0", 20, false},
           PageCase{"?limit=101", 20, false},
           PageCase{"?limit=-1", 20, false},
           PageCase{"?limit=", 20, false},
           PageCase{"?limit=5x", 20, false},
           PageCase{"?limit=%205", 20, false},
           PageCase{"?limit=99999999999999", 20, false},
           PageCase{"?limit=1e1", 20, false},
       }) {
    const Request request = get("/x" + std::string(query));
    QueryReader reader(request);
    EXPECT_EQ(reader.page().limit, limit) << query;
    EXPECT_EQ(!reader.finish(), good) << query;
  }
}

TEST(QueryReader, MomentsAreDaysOrTimes) {
  const Request request =
      get("/x?day=1970-01-02&time=1970-01-01T00:00:01Z&plus=1970-01-01T02:00:00+02:00&bad=soon");
  QueryReader reader(request);
  const auto day = reader.moment("day");
  ASSERT_TRUE(day);
  EXPECT_TRUE(day->is_date);
  EXPECT_EQ(day->begins_us, 86'400'000'000);
  EXPECT_EQ(day->ends_us, 2 * 86'400'000'000);
  EXPECT_EQ(reader.moment("time")->ends_us, 1'000'000);
  EXPECT_EQ(reader.moment("plus")->begins_us, 0);
  EXPECT_EQ(reader.moment("absent"), std::nullopt);
  EXPECT_EQ(reader.moment("bad"), std::nullopt);
  EXPECT_EQ(reader.finish()->fields.at(0).field, "bad");
}

TEST(QueryReader, ChoicesTextsAndAmounts) {
  const Request request = get("/x?kind=all&odd=maybe&q=%01&long=abcd&min=12.30&max=-1");
  QueryReader reader(request);
  EXPECT_EQ(reader.choice("kind", {"all", "none"}), "all");
  EXPECT_EQ(reader.choice("absent", {"a"}, "a"), "a");
  EXPECT_EQ(reader.choice("odd", {"a"}, "a"), "a");
  reader.text("q", 10);
  reader.text("long", 3);
  EXPECT_EQ(reader.amount("min", {"EGP", 2}), 1230);
  EXPECT_EQ(reader.amount("max", {"EGP", 2}), std::nullopt);
  EXPECT_EQ(reader.finish()->fields.size(), 4U);
}

TEST(Wire, HeadHasEverythingOnce) {
  Request request;
  request.request_id = "r-1";
  Response response = Response::json(201, "{}");
  response.header("Location", "/api/x");
  std::string out;
  append_head(out, request, response, true);
  EXPECT_TRUE(out.starts_with("HTTP/1.1 201 Created\r\nDate: ")) << out;
  EXPECT_TRUE(out.ends_with("\r\n\r\n")) << out;
  for (const auto* line : {"Content-Type: application/json\r\n", "Content-Length: 2\r\n",
                           "X-Request-Id: r-1\r\n", "Location: /api/x\r\n",
                           "Cache-Control: no-store\r\n", "X-Content-Type-Options: nosniff\r\n"})
    EXPECT_NE(out.find(line), std::string::npos) << line;
  EXPECT_EQ(out.find("Connection: close"), std::string::npos);
  EXPECT_EQ(out.find("Strict-Transport-Security"), std::string::npos);

  out.clear();
  request.secure = true;
  append_head(out, request, Response::no_content().header("Cache-Control", "max-age=5"), false);
  EXPECT_NE(out.find("Connection: close\r\n\r\n"), std::string::npos);
  EXPECT_NE(out.find("Strict-Transport-Security"), std::string::npos);
  EXPECT_EQ(out.find("Content-Length"), std::string::npos);
  EXPECT_EQ(out.find("no-store"), std::string::npos);
}

TEST(Wire, Chunks) {
  std::string out;
  append_chunk(out, "hello world, here");
  EXPECT_EQ(out, "11\r\nhello world, here\r\n");
  append_chunk(out, "");  // would end the body
  EXPECT_EQ(out, "11\r\nhello world, here\r\n");
}

TEST(Identify, TakesAUsableIdAndMakesOthers) {
  Request usable;
  usable.add_header("X-Request-Id", "abc-DEF_1.2");
  identify(usable);
  EXPECT_EQ(usable.request_id, "abc-DEF_1.2");
  for (const std::string& id : {std::string(), std::string("a b"), std::string(65, 'a'),
                                std::string("é"), std::string("a\"b"), std::string("a\nb")}) {
    Request request;
    request.add_header("X-Request-Id", id);
    identify(request);
    EXPECT_TRUE(Uuid::parse(request.request_id)) << id;
  }
}

TEST(Identify, ReadsTraceparent) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  for (const auto& [header, expected] : std::to_array<std::pair<std::string, std::string>>({
           {"00-" + trace + "-00f067aa0ba902b7-01", trace},
           {"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", ""},
           {"00-" + trace, ""},
           {"", ""},
           {"00_" + trace + "_00f067aa0ba902b7_01", ""},
       })) {
    Request request;
    request.add_header("traceparent", header);
    identify(request);
    EXPECT_EQ(request.server_span.known() ? to_hex(request.server_span.trace) : "", expected)
        << header;
  }
}

Response a_stream() {
  Response response{200, "text/event-stream"};
  response.stream = [](BodyWriter&) -> Task<void> { co_return; };
  return response;
}

std::string head_of(const Response& response, bool http_1_0, bool keep_alive) {
  Request request;
  request.http_1_0 = http_1_0;
  std::string head;
  append_head(head, request, response, keep_alive);
  return head;
}

TEST(Wire, SaysWhetherTheConnectionStays) {
  const Response response = Response::json(200, "{}");
  EXPECT_TRUE(head_of(response, false, false).contains("\r\nConnection: close\r\n"));
  EXPECT_FALSE(head_of(response, false, true).contains("Connection"));
  EXPECT_TRUE(head_of(response, true, true).contains("\r\nConnection: keep-alive\r\n"));
  EXPECT_TRUE(head_of(response, true, false).contains("\r\nConnection: close\r\n"));
}

TEST(Wire, SendsChunksToHttp11Only) {
  EXPECT_TRUE(head_of(a_stream(), false, true).contains("\r\nTransfer-Encoding: chunked\r\n"));
  const std::string old = head_of(a_stream(), true, false);
  EXPECT_FALSE(old.contains("Transfer-Encoding"));
  EXPECT_FALSE(old.contains("Content-Length"));
}

// A server's limits as closures, over one address and one user.
class Charging : public ::testing::Test {
 protected:
  ServerOptions options_;
  std::vector<std::int64_t> address_charges_, user_charges_;
  bool user_in_debt_ = false;

  Charging() {
    options_.limit_address = [this](std::string_view, std::int64_t more) {
      address_charges_.push_back(more);
      return RateDecision{.allowed = true, .limit = 100, .remaining = 90};
    };
    options_.limit_user = [this](const Uuid&, std::int64_t more) {
      user_charges_.push_back(more);
      return RateDecision{.allowed = !user_in_debt_, .limit = 50, .remaining = 7, .reset_s = 3};
    };
  }
};

TEST_F(Charging, CountsARequestAsItsItems) {
  const Router router;
  const Middleware middleware(options_, router, 1);
  Request request = get("/api/x");
  request.middleware = &middleware;
  EXPECT_TRUE(charge(request, 19)) << "nobody is signed in";
  EXPECT_EQ(address_charges_, std::vector<std::int64_t>{19});
  EXPECT_TRUE(user_charges_.empty());
  request.principal = Principal{};
  EXPECT_TRUE(charge(request, 999));
  EXPECT_EQ(user_charges_, std::vector<std::int64_t>{999});
  EXPECT_EQ(request.rate->remaining, 7) << "the headers tell what the user has left";
  EXPECT_TRUE(charge(request, 0));
  EXPECT_EQ(user_charges_.size(), 1U) << "one item is the request itself";

  user_in_debt_ = true;
  const auto refused = charge(request, 10);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::rate_limited);
  EXPECT_EQ(refused.error().retry_after_s, 3);
}

TEST_F(Charging, CostsNothingWhereNothingIsLimited) {
  Request request = get("/api/x");
  EXPECT_TRUE(charge(request, 1'000)) << "no server at all";
  const ServerOptions none;
  const Router router;
  const Middleware middleware(none, router, 1);
  request.middleware = &middleware;
  request.principal = Principal{};
  EXPECT_TRUE(charge(request, 1'000));
}

}  // namespace
}  // namespace instapay::net
