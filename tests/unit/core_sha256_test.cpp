#include <gtest/gtest.h>

#include "core/sha256.h"

namespace instapay {
namespace {

TEST(Sha256, TestVectorsOfFips180) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, HalfIsItsFirst16Bytes) {
  EXPECT_EQ(to_hex(sha256_half("abc")), "ba7816bf8f01cfea414140de5dae2223");
}

TEST(HashInput, FieldsAreBigEndianAndTextsCarryTheirLength) {
  HashInput input;
  input.number(0x0102, 2).number(0xff, 4).text("ab").bytes(std::array<std::uint8_t, 1>{7});
  EXPECT_EQ(input.hash(), sha256({"\x01\x02\0\0\0\xff\0\0\0\x02"
                                  "ab\x07",
                                  13}));
  // Two texts cannot run into each other.
  EXPECT_NE(HashInput().text("ab").text("c").hash(), HashInput().text("a").text("bc").hash());
  input.clear();
  EXPECT_EQ(input.hash(), sha256(""));
}

}  // namespace
}  // namespace instapay
