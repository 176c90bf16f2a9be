#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

#include "core/uuid.h"

namespace instapay {
namespace {

TEST(Uuid, TextRoundTrips) {
  const auto* text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";  // RFC 9562, A.6
  const auto id = Uuid::parse(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->to_string(), text);
  EXPECT_EQ(id->unix_ms(), 0x017f22e279b0);
  EXPECT_EQ(Uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), id);
  EXPECT_EQ(Uuid::reserved(2).to_string(), "00000000-0000-0000-0000-000000000002");
}

TEST(Uuid, RefusesOtherForms) {
  for (const auto* text :
       {"", "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2_79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e27-9b0-7cc3-98c4-dc0c0c07398f", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f"})
    EXPECT_EQ(Uuid::parse(text), std::nullopt) << text;
}

TEST(Uuid, Version7SortsByItsMicrosecond) {
  Uuid last = Uuid::v7(1'795'352'103'123'455);
  for (std::int64_t us = 1'795'352'103'123'456; us < 1'795'352'103'126'000; ++us) {
    const Uuid next = Uuid::v7(us);
    ASSERT_GT(next, last) << us;
    EXPECT_EQ(next.unix_ms(), us / 1000);
    EXPECT_EQ(next.bytes[6] >> 4, 7);
    EXPECT_EQ(next.bytes[8] >> 6, 2);
    EXPECT_LE(Uuid::first_v7(us), next);
    EXPECT_GT(Uuid::first_v7(us + 1), next);
    last = next;
  }
}

TEST(Uuid, Version7OfOddTimesIsStillOne) {
  for (const std::int64_t us : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{999}}) {
    EXPECT_EQ(Uuid::v7(us).bytes[6] >> 4, 7) << us;
    EXPECT_EQ(Uuid::v7(us).unix_ms(), 0) << us;
  }
}

TEST(Uuid, Version6SortsByItsMicrosecond) {
  // RFC 9562, A.5: 2022-02-22 19:22:22 UTC.
  EXPECT_EQ(Uuid::v6(1'645'557'742'000'000).to_string().substr(0, 18), "1ec9414c-232a-6b00");
  Uuid last = Uuid::v6(1'795'352'103'123'455);
  for (std::int64_t us = 1'795'352'103'123'456; us < 1'795'352'103'126'000; ++us) {
    const Uuid next = Uuid::v6(us);
    ASSERT_GT(next, last) << us;
    EXPECT_EQ(next.version(), 6);
    EXPECT_EQ(next.bytes[8] >> 6, 2);
    last = next;
  }
  EXPECT_EQ(Uuid::v6(-1).version(), 6);
}

TEST(Uuid, NewOnesDiffer) {
  std::set<Uuid> seen;
  std::unordered_set<std::size_t> hashes;
  for (int i = 0; i < 10'000; ++i) {
    const Uuid id = i % 2 == 0 ? Uuid::v7(1'795'352'103'123'456) : Uuid::random();
    EXPECT_TRUE(seen.insert(id).second);
    hashes.insert(std::hash<Uuid>{}(id));
  }
  EXPECT_GT(hashes.size(), 9'990U);
  EXPECT_EQ(Uuid::random().bytes[6] >> 4, 4);
}

}  // namespace
}  // namespace instapay
