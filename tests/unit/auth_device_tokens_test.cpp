#include "auth/device_tokens.h"

#include <gtest/gtest.h>

namespace instapay::auth {
namespace {

constexpr std::int64_t kNow_s = 1'790'000'000, kDay_s = 86'400;

DeviceTokens of(std::initializer_list<std::string_view> secrets) {
  std::vector<Hash256> hashes;
  for (const std::string_view secret : secrets) hashes.push_back(sha256(secret));
  return DeviceTokens(std::move(hashes));
}

TEST(DeviceTokens, NameADeviceForOnePerson) {
  const DeviceTokens tokens = of({"a"});
  const std::string value = tokens.renew("", "nour@x", kNow_s).value();
  const std::string name = tokens.find(value, "nour@x", kNow_s);
  EXPECT_FALSE(name.empty());
  EXPECT_EQ(tokens.find(value, "nour@x", kNow_s + 100 * kDay_s), name);
  EXPECT_EQ(tokens.find(value, "omar@x", kNow_s), "");
  EXPECT_NE(tokens.find(tokens.renew("", "nour@x", kNow_s).value(), "nour@x", kNow_s), name);
  EXPECT_EQ(of({"b"}).find(value, "nour@x", kNow_s), "") << "another installation's";
  EXPECT_EQ(of({"b", "a"}).find(value, "nour@x", kNow_s), name) << "the key was changed";
}

TEST(DeviceTokens, AreRefusedWhenTheyWereChanged) {
  const DeviceTokens tokens = of({"a"});
  const std::string value = tokens.renew("", "nour@x", kNow_s).value();
  for (std::size_t i = 0; i < value.size(); ++i) {
    std::string changed = value;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(tokens.find(changed, "nour@x", kNow_s), "") << i;
    EXPECT_EQ(tokens.find(value.substr(0, i), "nour@x", kNow_s), "") << i;
  }
  for (const std::string_view odd : {".", "....", "é", "a.b.c.d.e.f"})
    EXPECT_EQ(tokens.find(odd, "nour@x", kNow_s), "");
}

TEST(DeviceTokens, AreRenewedNowAndThenAndEnd) {
  const DeviceTokens tokens = of({"a"});
  const std::string value = tokens.renew("", "nour@x", kNow_s).value();
  EXPECT_FALSE(tokens.renew(value, "nour@x", kNow_s + 29 * kDay_s));
  const auto renewed = tokens.renew(value, "nour@x", kNow_s + 31 * kDay_s);
  ASSERT_TRUE(renewed);
  EXPECT_EQ(renewed->size(), value.size()) << "in place of the older one";
  EXPECT_EQ(tokens.find(value, "nour@x", kNow_s + 366 * kDay_s), "");
}

TEST(DeviceTokens, OfAFewPeopleInOneBrowser) {
  const DeviceTokens tokens = of({"a"});
  std::string value;
  for (const std::string person : {"1", "2", "3", "4", "5"})
    value = tokens.renew(value, person, kNow_s).value();
  EXPECT_EQ(tokens.find(value, "1", kNow_s), "") << "the one who came first makes room";
  for (const std::string person : {"2", "3", "4", "5"})
    EXPECT_NE(tokens.find(value, person, kNow_s), "") << person;
}

}  // namespace
}  // namespace instapay::auth
