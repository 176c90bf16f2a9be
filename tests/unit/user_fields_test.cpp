#include <gtest/gtest.h>

#include <map>

#include "user/fields.h"

namespace instapay::user {
namespace {

// The code of each field's first mistake after reading all fields.
std::map<std::string, std::string> mistakes(const std::string& text) {
  const Json body = parse_json(text).value();
  Fields fields(body);
  read_username(fields, "username");
  read_email(fields, "email");
  read_new_password(fields, "password", {});
  read_display_name(fields, "displayName");
  const auto error = fields.finish();
  std::map<std::string, std::string> found;
  if (!error) return found;
  for (const auto& [field, code, detail] : error->fields) {
    EXPECT_TRUE(found.emplace(field, code).second) << field << " is reported twice";
    EXPECT_FALSE(detail.empty());
  }
  return found;
}

using Mistakes = std::map<std::string, std::string>;

TEST(UserFields, AcceptsWhatPeopleSend) {
  EXPECT_EQ(mistakes(R"({"username":" Nour.H ","email":"Nour@Example.com","password":"8 bytes!"})"),
            Mistakes());
  EXPECT_EQ(mistakes(R"({"username":"nour","email":"n@e.co","password":"8 bytes!",)"
                     R"("displayName":"نور حسن"})"),
            Mistakes());
}

TEST(UserFields, NamesEveryMistakeOnce) {
  EXPECT_EQ(mistakes("{}"),
            (Mistakes{{"username", "required"}, {"email", "required"}, {"password", "required"}}));
  EXPECT_EQ(mistakes(R"({"username":"a","email":"nobody","password":"short","displayName":" ",)"
                     R"("role":"operator"})"),
            (Mistakes{{"username", "too_short"},
                      {"email", "invalid_format"},
                      {"password", "too_short"},
                      {"displayName", "required"},
                      {"role", "unknown_field"}}));
  EXPECT_EQ(mistakes(R"({"username":"a b c","email":"a\u0000@e.co","password":"abcdefg\u0000",)"
                     R"("displayName":"a\u202eb"})"),
            (Mistakes{{"username", "invalid_format"},
                      {"email", "invalid_format"},
                      {"password", "invalid_format"},
                      {"displayName", "invalid_format"}}));
  EXPECT_EQ(mistakes(R"({"username":1,"email":null,"password":[],"displayName":{}})"),
            (Mistakes{{"username", "wrong_type"},
                      {"email", "wrong_type"},
                      {"password", "wrong_type"},
                      {"displayName", "wrong_type"}}));
}

TEST(UserFields, ReturnLowerCase) {
  const Json body = parse_json(R"({"u":"Nour.H","e":" Nour@Example.com "})").value();
  Fields fields(body);
  EXPECT_EQ(read_username(fields, "u"), "nour.h");
  EXPECT_EQ(read_email(fields, "e"), "nour@example.com");
  EXPECT_EQ(read_optional_username(fields, "absent"), std::nullopt);
  EXPECT_FALSE(fields.finish());
}

TEST(UserFields, ThePasswordRuleIsSaid) {
  const Json body = parse_json(R"({"p":"short"})").value();
  Fields fields(body);
  read_new_password(fields, "p", {});
  const auto error = fields.finish();
  ASSERT_TRUE(error);
  EXPECT_NE(error->detail.find("at least 8 characters"), std::string::npos);
}

}  // namespace
}  // namespace instapay::user
