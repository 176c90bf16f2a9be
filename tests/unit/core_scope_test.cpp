#include <gtest/gtest.h>

#include <set>

#include "core/scope.h"
#include "net/scopes.h"

namespace instapay {
namespace {

TEST(Scopes, TextAndBack) {
  const auto scopes = parse_scopes("reports:read payments:read");
  ASSERT_TRUE(scopes);
  EXPECT_EQ(*scopes, (Scopes{Scope::payments_read, Scope::reports_read}));
  EXPECT_EQ(format(*scopes), "payments:read reports:read");
  for (int i = 0; i < static_cast<int>(Scope::kCount); ++i)
    EXPECT_EQ(parse_scope(name_of(static_cast<Scope>(i))), static_cast<Scope>(i));
}

TEST(Scopes, WhatIsNoSuchListIsRefused) {
  for (const char* text :
       {"", " ", "payments", "payments:read  reports:read", " payments:read", "payments:read ",
        "PAYMENTS:READ", "payments:read,reports:read", "payments:read\treports:read", "admin"})
    EXPECT_FALSE(parse_scopes(text)) << '"' << text << '"';
}

TEST(Scopes, SomeOfThem) {
  const Scopes both{Scope::payments_read, Scope::payments_write};
  EXPECT_TRUE(both.has_all({Scope::payments_read}));
  EXPECT_TRUE(both.has_all({}));
  EXPECT_FALSE(both.has_all({Scope::payments_read, Scope::reports_read}));
  EXPECT_TRUE(Scopes{}.empty());
  EXPECT_FALSE(kPlatformScopes.has(Scope::payments_write)) << "what is nobody's wallet cannot pay";
}

TEST(Scopes, EachRouteIsInTheTableOnce) {
  std::set<std::string_view> names;
  for (const net::ScopeRule& rule : net::scope_rules()) {
    EXPECT_TRUE(names.insert(rule.route).second) << rule.route;
    EXPECT_EQ(net::scope_of(rule.route), rule.scope);
  }
  EXPECT_FALSE(net::scope_of("update_user"));
  EXPECT_FALSE(net::scope_of(""));
}

}  // namespace
}  // namespace instapay
