#include <gtest/gtest.h>

#include "net/router.h"

namespace instapay::net {
namespace {

struct Nothing {};
Reply answer(Nothing&, Request&) { co_return Response{200}; }

constexpr Route<Nothing> kRoutes[] = {
    {Method::get, "/api/users/{id}", Access::user, answer, "get_user"},
    {Method::patch, "/api/users/{id}", Access::user, answer, "update_user"},
    {Method::get, "/api/users/me", Access::user, answer, "get_me"},
    {Method::post, "/api/users/register", Access::anyone, answer, "register_user"},
    {Method::get, "/api/users/by-email/{email}", Access::user, answer, "get_user_by_email"},
    {Method::get, "/api/users/{id}/sessions", Access::user, answer, "list_sessions"},
    {Method::del, "/api/users/{id}/sessions", Access::user, answer, "end_sessions"},
    {Method::del, "/api/users/{id}/sessions/{session_id}", Access::user, answer, "end_session"},
};

struct Found {
  std::string name, allow;
  Code code = Code::kCount;
  std::vector<std::string> params;
};

Found find(Method method, const std::string& target) {
  static Nothing nothing;
  static const Router router = [] {
    Router made;
    made.add("test", nothing, std::span<const Route<Nothing>>(kRoutes));
    return made;
  }();
  Request request;
  request.method = method;
  request.method_name = name_of(method);
  request.target = target;
  const auto entry = router.match(request);
  if (!entry) return {"", std::string(entry.error().allow), entry.error().code, {}};
  return {std::string((*entry)->name), "", Code::kCount, request.params};
}

TEST(Router, FindsTheHandlerAndDecodesParameters) {
  EXPECT_EQ(find(Method::get, "/api/users/7?x=1").name, "get_user");
  EXPECT_EQ(find(Method::get, "/api/users/7").params, std::vector<std::string>{"7"});
  EXPECT_EQ(find(Method::head, "/api/users/7").name, "get_user");
  EXPECT_EQ(find(Method::get, "/api/users/by-email/a%2Bb+c@d.e").params,
            std::vector<std::string>{"a+b+c@d.e"});
  EXPECT_EQ(find(Method::del, "/api/users/7/sessions/8").params,
            (std::vector<std::string>{"7", "8"}));
}

TEST(Router, LiteralPathsComeFirst) {
  EXPECT_EQ(find(Method::get, "/api/users/me").name, "get_me");
  EXPECT_EQ(find(Method::post, "/api/users/register").name, "register_user");
}

TEST(Router, ALiteralPathIsNotAParameterForOtherMethods) {
  for (const Method method : {Method::patch, Method::get}) {
    const Found found = find(method, "/api/users/register");
    EXPECT_EQ(found.code, Code::method_not_allowed);
    EXPECT_EQ(found.allow, "POST, OPTIONS");
  }
  EXPECT_EQ(find(Method::patch, "/api/users/me").allow, "GET, HEAD, OPTIONS");
}

TEST(Router, TellsUnknownPathsFromUnknownMethods) {
  EXPECT_EQ(find(Method::get, "/api/nothing").code, Code::route_not_found);
  EXPECT_EQ(find(Method::get, "/api/users/").code, Code::route_not_found);
  EXPECT_EQ(find(Method::get, "/api/users/7/").code, Code::route_not_found);
  EXPECT_EQ(find(Method::put, "/api/users/7").allow, "GET, HEAD, PATCH, OPTIONS");
  EXPECT_EQ(find(Method::post, "/api/users/7/sessions").allow, "GET, HEAD, DELETE, OPTIONS");
}

TEST(Router, RefusesPathsThatCannotBeDecoded) {
  for (const auto* path : {"/api/users/%zz", "/api/users/%ff", "/api/users/%2", "/api/users/%00"}) {
    EXPECT_EQ(find(Method::get, path).code, Code::bad_request) << path;
  }
}

}  // namespace
}  // namespace instapay::net
