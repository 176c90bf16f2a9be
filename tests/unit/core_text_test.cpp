#include "core/text.h"

#include <gtest/gtest.h>

namespace instapay {
namespace {

TEST(PlainText, AllowsNamesOfTheWorld) {
  for (const auto* name :
       {"Alice", "محمد علي", "Zoë O’Neil", "李小龍", "👩‍💻 Ada", "Łukasz", " "}) {
    EXPECT_TRUE(is_plain_text(name)) << name;
  }
}

TEST(PlainText, RefusesWhatMisleads) {
  for (const auto* name : {"a\tb", "a\x7f", "a\u0085", "a\u202e", "a\u200b", "a\u200f", "a\u2028",
                           "a\u2066", "a\u2060", "\ufeffa", "a\u061c"}) {
    EXPECT_FALSE(is_plain_text(name)) << name;
  }
}

}  // namespace
}  // namespace instapay
