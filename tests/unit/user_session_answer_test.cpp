#include <gtest/gtest.h>

#include "user/session_answer.h"

namespace instapay::user {
namespace {

std::string token_of(const net::Request& request, const std::string& text,
                     bool* refused = nullptr) {
  const Json body = parse_json(text).value();
  Fields fields(body);
  std::string token = read_refresh_token(request, fields);
  const bool mistaken = fields.finish().has_value();
  if (refused != nullptr) *refused = mistaken;
  return token;
}

net::Request with_cookie(std::string_view cookie) {
  net::Request request;
  request.add_header("X-Session-Transport", "cookie");
  request.add_header("Cookie", cookie);
  return request;
}

TEST(RefreshToken, ComesInTheBody) {
  net::Request request;
  EXPECT_EQ(token_of(request, R"({"refreshToken":"abc"})"), "abc");
  bool refused = false;
  token_of(request, "{}", &refused);
  EXPECT_TRUE(refused);
}

TEST(RefreshToken, ComesInACookieOnlyWhenTheHeaderSaysSo) {
  EXPECT_EQ(token_of(with_cookie("instapay_refresh=abc"), "{}"), "abc");
  EXPECT_EQ(token_of(with_cookie("a=b; instapay_refresh=abc; c=d"), "{}"), "abc");
  EXPECT_EQ(token_of(with_cookie("instapay_refresh2=x;instapay_refresh=abc"), "{}"), "abc");
  EXPECT_EQ(token_of(with_cookie("other=abc"), "{}"), "");
  EXPECT_EQ(token_of(with_cookie("instapay_refresh"), "{}"), "");
  EXPECT_EQ(token_of(with_cookie(""), "{}"), "");

  net::Request plain;
  plain.add_header("Cookie", "instapay_refresh=abc");
  bool refused = false;
  EXPECT_EQ(token_of(plain, "{}", &refused), "") << "another site could make a browser send it";
  EXPECT_TRUE(refused);
}

TEST(RefreshToken, UnderTlsOnlyACookieThatNoOtherHostCanSet) {
  net::Request request = with_cookie("instapay_refresh=theirs; __Host-instapay_refresh=ours");
  request.secure = true;
  EXPECT_EQ(token_of(request, "{}"), "ours");
  net::Request tossed = with_cookie("instapay_refresh=theirs");
  tossed.secure = true;
  EXPECT_EQ(token_of(tossed, "{}"), "");
}

TEST(RefreshToken, NoOtherTransport) {
  net::Request request;
  request.add_header("X-Session-Transport", "pigeon");
  bool refused = false;
  token_of(request, R"({"refreshToken":"abc"})", &refused);
  EXPECT_TRUE(refused);
  token_of(net::Request(), R"({"refreshToken":""})", &refused);
  EXPECT_TRUE(refused);
}

TEST(RefreshToken, TheCookieIsForgottenTheWayItWasSet) {
  net::Request request = with_cookie("instapay_refresh=abc");
  request.secure = true;
  net::Response response;
  clear_cookie(request, response);
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].second,
            "__Host-instapay_refresh=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure");
  request.secure = false;
  net::Response plain;
  clear_cookie(request, plain);
  EXPECT_EQ(plain.headers[0].second,
            "instapay_refresh=; Max-Age=0; Path=/api/users; HttpOnly; SameSite=Strict");
  net::Response untouched;
  clear_cookie(net::Request(), untouched);
  EXPECT_TRUE(untouched.headers.empty());
}

}  // namespace
}  // namespace instapay::user
