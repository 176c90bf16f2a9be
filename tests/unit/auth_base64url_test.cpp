#include <gtest/gtest.h>

#include <string>

#include "auth/base64url.h"

namespace instapay::auth {
namespace {

using namespace std::string_literals;

TEST(Base64url, Rfc4648VectorsWithoutPadding) {
  const std::pair<std::string, std::string> vectors[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf", "-_-_"},
      {"\0"s, "AA"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64url_encode(bytes), text);
    EXPECT_EQ(base64url_decode(text), bytes) << text;
  }
}

TEST(Base64url, EveryByteSurvives) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::string part = bytes.substr(0, size);
    EXPECT_EQ(base64url_decode(base64url_encode(part)), part);
  }
}

TEST(Base64url, RefusesWhatIsNotStrict) {
  for (const auto& text : {"Zg=="s, "Zm9="s, "Z"s, "Zm9vY"s, "Zm 9v"s, "Zm9v\n"s, "Zm9v+w"s,
                           "Zm9v/w"s, "Zm\0v"s, "Zm9\xc3"s}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
}

TEST(Base64url, RefusesNonCanonicalEndings) {
  EXPECT_TRUE(base64url_decode("Zg"));
  EXPECT_EQ(base64url_decode("Zh"), std::nullopt);
  EXPECT_TRUE(base64url_decode("Zm8"));
  EXPECT_EQ(base64url_decode("Zm9"), std::nullopt);
}

}  // namespace
}  // namespace instapay::auth
