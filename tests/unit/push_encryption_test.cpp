#include "push/encryption.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "auth/base64url.h"
#include "auth/openssl.h"

namespace instapay::push {
namespace {

// RFC 8291, appendix A.
constexpr std::string_view kPlain = "When I grow up, I want to be a watermelon";
constexpr std::string_view kReceiver =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
constexpr std::string_view kAuth = "BTBZMqHH6r4Tts7J_aSIgg";
constexpr std::string_view kSalt = "DGv6ra1nlYgDCS1FRnbzlw";
constexpr std::string_view kBody =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_"
    "c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-"
    "fN";
// Its sender's key, yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw, in PEM.
constexpr std::string_view kSender = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyfWPiYE+n46HLnH0
KqZOF1fJJU3MYrct3AELtAQ+oRyhRANCAAT+M/SrDepxkU21WCP3O1SUj0EwbZIH
Mtu5pZpTKGSCIA5Zent7wmC6HCJ5mFgJkuk5cwAvMBKiiujwa7t45ewP
-----END PRIVATE KEY-----
)";

std::string raw(std::string_view text) { return auth::base64url_decode(text).value(); }

TEST(PushEncryption, IsThatOfTheRfc) {
  const auth::BioPtr pem(BIO_new_mem_buf(kSender.data(), static_cast<int>(kSender.size())));
  const auth::PkeyPtr sender(PEM_read_bio_PrivateKey(pem.get(), nullptr, nullptr, nullptr));
  ASSERT_NE(sender, nullptr);
  const std::string body =
      encrypt_with(kPlain, raw(kReceiver), raw(kAuth), sender.get(), raw(kSalt));
  EXPECT_EQ(auth::base64url_encode(std::string_view(body)), kBody);
}

TEST(PushEncryption, NoTwoAreAlike) {
  const std::string one = encrypt(kPlain, raw(kReceiver), raw(kAuth));
  const std::string two = encrypt(kPlain, raw(kReceiver), raw(kAuth));
  EXPECT_EQ(one.size(), raw(kBody).size());
  EXPECT_NE(one.substr(0, kSalt_bytes), two.substr(0, kSalt_bytes));
  EXPECT_NE(one.substr(kSalt_bytes + 5, kP256Point_bytes),
            two.substr(kSalt_bytes + 5, kP256Point_bytes));
}

TEST(PushEncryption, TheLongestFitsIntoWhatPushServicesTake) {
  const std::string longest(kPlaintextMax_bytes, 'x');
  EXPECT_EQ(encrypt(longest, raw(kReceiver), raw(kAuth)).size(), 4096U);
}

TEST(PushEncryption, OnlyPointsOfTheCurveAreKeys) {
  std::string point = raw(kReceiver);
  EXPECT_TRUE(is_p256_point(point));
  EXPECT_FALSE(is_p256_point(""));
  EXPECT_FALSE(is_p256_point(point.substr(1)));
  EXPECT_FALSE(is_p256_point(point + "x"));
  EXPECT_FALSE(is_p256_point('\2' + point.substr(1, 32)));
  point[0] = 6;
  EXPECT_FALSE(is_p256_point(point));
  point[0] = 4;
  point.back() = static_cast<char>(point.back() ^ 1);
  EXPECT_FALSE(is_p256_point(point)) << "beside the curve";
  EXPECT_FALSE(is_p256_point('\4' + std::string(64, '\0')));
}

}  // namespace
}  // namespace instapay::push
