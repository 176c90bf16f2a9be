#include "auth/totp.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "auth/base32.h"

namespace instapay::auth {
namespace {

constexpr std::string_view kSecret = "12345678901234567890";  // of both RFCs

TEST(Base32, IsThatOfRfc4648) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kVectors{
      {{"", ""},
       {"f", "MY"},
       {"fo", "MZXQ"},
       {"foo", "MZXW6"},
       {"foob", "MZXW6YQ"},
       {"fooba", "MZXW6YTB"},
       {"foobar", "MZXW6YTBOI"}}};
  for (const auto& [bytes, text] : kVectors) EXPECT_EQ(base32_encode(bytes), text);
  EXPECT_EQ(base32_encode(std::string_view("\x00\xff\x00", 3)), "AD7QA");
}

TEST(Totp, MeetsTheVectorsOfRfc6238) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 6> kVectors{
      {{59, "94287082"},
       {1111111109, "07081804"},
       {1111111111, "14050471"},
       {1234567890, "89005924"},
       {2000000000, "69279037"},
       {20000000000, "65353130"}}};
  for (const auto& [time_s, code] : kVectors)
    EXPECT_EQ(totp_code(kSecret, totp_step(time_s), 8), code) << time_s;
}

TEST(Totp, MeetsTheVectorsOfRfc4226) {
  constexpr std::array<std::string_view, 10> kCodes{"755224", "287082", "359152", "969429",
                                                    "338314", "254676", "287922", "162583",
                                                    "399871", "520489"};
  for (std::size_t step = 0; step < kCodes.size(); ++step)
    EXPECT_EQ(totp_code(kSecret, static_cast<std::int64_t>(step)), kCodes.at(step));
}

TEST(Totp, AClockMayBeOneStepOff) {
  constexpr std::int64_t kNow_s = 1'700'000'010;
  const std::int64_t now = totp_step(kNow_s);
  for (const std::int64_t step : {now - 1, now, now + 1})
    EXPECT_EQ(match_totp(kSecret, totp_code(kSecret, step), kNow_s), step);
  for (const std::int64_t step : {now - 2, now + 2})
    EXPECT_EQ(match_totp(kSecret, totp_code(kSecret, step), kNow_s), std::nullopt);
}

TEST(Totp, WhatIsNoCodeMatchesNothing) {
  constexpr std::int64_t kNow_s = 1'700'000'010;
  const std::string right = totp_code(kSecret, totp_step(kNow_s));
  for (const std::string& code : {std::string(), right.substr(1), right + "0", right + " ",
                                  std::string(6, '\0'), std::string("      ")})
    EXPECT_EQ(match_totp(kSecret, code, kNow_s), std::nullopt) << code;
  EXPECT_EQ(match_totp("another secret", right, kNow_s), std::nullopt);
}

TEST(Totp, AppsReadTheUri) {
  EXPECT_EQ(totp_uri("Hello!\xde\xad\xbe\xef", "Mini-InstaPay", "nour+1@example.com"),
            "otpauth://totp/Mini-InstaPay:nour%2B1%40example.com?secret=JBSWY3DPEHPK3PXP"
            "&issuer=Mini-InstaPay&algorithm=SHA1&digits=6&period=30");
}

}  // namespace
}  // namespace instapay::auth
