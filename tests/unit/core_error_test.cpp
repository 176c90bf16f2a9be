#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.h"

namespace instapay {
namespace {

TEST(Codes, AreAPublicTable) {
  std::set<std::string_view> names;
  for (const CodeInfo& code : all_codes()) {
    EXPECT_TRUE(names.insert(code.name).second) << code.name;
    EXPECT_TRUE(std::ranges::all_of(code.name, [](char c) {
      return c == '_' || (c >= 'a' && c <= 'z');
    })) << code.name;
    EXPECT_GE(code.status, 400) << code.name;
    EXPECT_LT(code.status, 600) << code.name;
    EXPECT_FALSE(code.title.empty()) << code.name;
    EXPECT_FALSE(code.title.ends_with('.')) << code.name;
    // Whoever may ask again later is told so by the status too.
    const bool transient =
        code.status == 503 || code.status == 429 || code.status == 408 || code.status == 500;
    EXPECT_EQ(code.retry == Retry::later, transient) << code.name;
    EXPECT_EQ(&info(code.code), &code);
  }
}

TEST(FailField, NamesTheField) {
  const Result<int> failed = fail_field("id", "invalid_format", "id must be a UUID.");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::validation_failed);
  ASSERT_EQ(failed.error().fields.size(), 1U);
  EXPECT_EQ(failed.error().fields[0].field, "id");
  EXPECT_EQ(failed.error().detail, "id must be a UUID.");
}

}  // namespace
}  // namespace instapay
