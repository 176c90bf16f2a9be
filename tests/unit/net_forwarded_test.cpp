#include <gtest/gtest.h>

#include "net/forwarded.h"

namespace instapay::net {
namespace {

struct Believed {
  std::string address;
  bool secure;
};

Believed believed(std::initializer_list<std::pair<std::string_view, std::string_view>> headers) {
  Request request;
  request.address = "10.0.0.1";
  for (const auto& [name, value] : headers) request.add_header(name, value);
  believe_proxy(request);
  return {request.address, request.secure};
}

std::string address_of(std::initializer_list<std::string_view> lines) {
  Request request;
  request.address = "10.0.0.1";
  for (const auto line : lines) request.add_header("X-Forwarded-For", line);
  believe_proxy(request);
  return request.address;
}

TEST(BelieveProxy, TakesTheLastHopOverAllLines) {
  EXPECT_EQ(address_of({"203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(address_of({"1.1.1.1, 203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(address_of({"1.1.1.1", "203.0.113.9"}), "203.0.113.9");
  EXPECT_EQ(address_of({"1.1.1.1, 2.2.2.2", "3.3.3.3,\t203.0.113.9 "}), "203.0.113.9");
  EXPECT_EQ(address_of({"1.1.1.1", "203.0.113.9, ,"}), "203.0.113.9");
  EXPECT_EQ(address_of({"203.0.113.9", ""}), "203.0.113.9");
}

TEST(BelieveProxy, StripsPorts) {
  EXPECT_EQ(address_of({"203.0.113.9:4711"}), "203.0.113.9");
  EXPECT_EQ(address_of({"1.1.1.1, [2001:db8::9]:4711"}), "2001:db8::9");
  EXPECT_EQ(address_of({"2001:DB8::9"}), "2001:db8::9");
  EXPECT_EQ(address_of({"::ffff:203.0.113.9"}), "203.0.113.9");
}

TEST(BelieveProxy, GarbageIsNoAddress) {
  for (const std::string_view garbage :
       {"", "unknown", "_x", "1.1.1.1, unknown", "\xff\xfe", "203.0.113.9, \xff", "203.0.113.9;x",
        "203.0.113.256", "'; DROP TABLE", "203.0.113.9:99999"})
    EXPECT_EQ(address_of({garbage}), "10.0.0.1") << garbage;
  EXPECT_EQ(address_of({"203.0.113.9", "unknown"}), "10.0.0.1") << "an earlier hop is no better";
  EXPECT_EQ(address_of({std::string(8'000, '1')}), "10.0.0.1");
}

TEST(BelieveProxy, TheLastSchemeCounts) {
  EXPECT_TRUE(believed({{"X-Forwarded-Proto", "https"}}).secure);
  EXPECT_TRUE(believed({{"x-forwarded-proto", "HTTPS"}}).secure);
  EXPECT_TRUE(believed({{"X-Forwarded-Proto", "http"}, {"X-Forwarded-Proto", "https"}}).secure);
  EXPECT_FALSE(believed({{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Proto", "http"}}).secure);
  EXPECT_FALSE(believed({{"X-Forwarded-Proto", "https, http"}}).secure);
  EXPECT_FALSE(believed({}).secure);
}

TEST(Request, NothingStaysForTheNextOne) {
  Request request;
  request.http_1_0 = request.secure = true;
  request.address = "203.0.113.9";
  request.body.assign(1'000'000, 'x');
  request.clear();
  EXPECT_FALSE(request.http_1_0);
  EXPECT_FALSE(request.secure);
  EXPECT_EQ(request.address, "");
  EXPECT_LE(request.body.capacity(), std::size_t{64} * 1024);
}

}  // namespace
}  // namespace instapay::net
