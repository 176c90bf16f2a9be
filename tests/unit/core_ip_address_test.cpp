#include <gtest/gtest.h>

#include "core/ip_address.h"

namespace instapay {
namespace {

std::string shown(std::optional<IpAddress> address) { return address ? address->to_string() : "-"; }

TEST(IpAddress, ReadsBothFamiliesAndNothingElse) {
  for (const auto& [text, expected] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"192.0.2.1", "192.0.2.1"},
           {"0.0.0.0", "0.0.0.0"},
           {"2001:DB8:0:0::1", "2001:db8::1"},
           {"::", "::"},
           {"::ffff:192.0.2.1", "192.0.2.1"},
           {"::ffff:c000:201", "192.0.2.1"},
           {"", "-"},
           {"192.0.2", "-"},
           {"192.0.2.256", "-"},
           {"192.0.2.01", "-"},
           {" 192.0.2.1", "-"},
           {"192.0.2.1 ", "-"},
           {"192.0.2.1:80", "-"},
           {"[::1]", "-"},
           {"fe80::1%eth0", "-"},
           {"unknown", "-"},
           {"\xff\xfe", "-"},
           {std::string_view("192.0.2.1\0x", 11), "-"},
       })
    EXPECT_EQ(shown(IpAddress::parse(text)), expected) << text;
  EXPECT_EQ(IpAddress::parse(std::string(1'000, '1')), std::nullopt);
}

TEST(IpAddress, StripsThePortThatProxiesAppend) {
  for (const auto& [text, expected] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"192.0.2.1", "192.0.2.1"},
           {"192.0.2.1:4711", "192.0.2.1"},
           {"2001:db8::1", "2001:db8::1"},
           {"[2001:db8::1]", "2001:db8::1"},
           {"[2001:db8::1]:4711", "2001:db8::1"},
           {"[::ffff:192.0.2.1]:4711", "192.0.2.1"},
           {"192.0.2.1:", "-"},
           {"192.0.2.1:x", "-"},
           {"192.0.2.1:65536", "-"},
           {"192.0.2.1:-1", "-"},
           {"[192.0.2.1]:80", "-"},
           {"[2001:db8::1", "-"},
           {"[2001:db8::1]x", "-"},
           {"[2001:db8::1]:", "-"},
           {"[]:80", "-"},
           {":80", "-"},
           {"localhost:80", "-"},
           {"_hidden", "-"},
       })
    EXPECT_EQ(shown(IpAddress::parse_with_port(text)), expected) << text;
}

TEST(IpAddress, AHouseholdHasAnAddressOrA64) {
  const auto household = [](std::string_view text) {
    return IpAddress::parse(text)->household().to_string();
  };
  EXPECT_EQ(household("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(household("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(household("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
}

TEST(IpNetwork, ContainsItsAddressesOnly) {
  const auto contains = [](std::string_view network, std::string_view address) {
    return IpNetwork::parse(network)->contains(*IpAddress::parse(address));
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("172.16.0.0/12", "172.31.0.1"));
  EXPECT_FALSE(contains("172.16.0.0/12", "172.32.0.1"));
  EXPECT_TRUE(contains("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(contains("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(contains("192.0.2.7", "::ffff:192.0.2.7"));
  EXPECT_TRUE(contains("fd00::/8", "fdff::1"));
  EXPECT_FALSE(contains("fd00::/8", "fe00::1"));
  EXPECT_FALSE(contains("::/8", "10.0.0.1")) << "IPv4 is not part of an IPv6 network";
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
}

TEST(IpNetwork, RefusesWhatIsNone) {
  for (const auto* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
                           "10.0.0.1/8", "fd00::/129", "fd00::1/64", "yes", "10.0.0.0/8/8"})
    EXPECT_EQ(IpNetwork::parse(text), std::nullopt) << text;
  EXPECT_TRUE(IpNetwork::parse("0.0.0.0/0")->is_everything());
  EXPECT_TRUE(IpNetwork::parse("::/0")->is_everything());
  EXPECT_FALSE(IpNetwork::parse("10.0.0.0/8")->is_everything());
}

}  // namespace
}  // namespace instapay
