#include <gmock/gmock.h>

#include <random>
#include <set>

#include "core/money.h"
#include "core/time.h"
#include "reporting/roll_up/amount_histogram.h"
#include "reporting/roll_up/cover.h"
#include "reporting/roll_up/user_count.h"

namespace instapay::reporting {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::int64_t us(std::string_view text) { return *parse_time(text); }

std::span<const std::uint8_t> bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Cover, AWholeDayIsOneBucket) {
  const std::int64_t day = us("2026-03-01T00:00:00Z");
  EXPECT_THAT(cover(std::array{day, day + kDay_us}).runs,
              ElementsAre(BucketRun{1'440, day, day + kDay_us}));
}

TEST(Cover, DaysOfCairoTakeHoursWhereTheDaysOfUtcDoNotFit) {
  const auto found = cover(std::array{us("2026-01-10T22:00:00Z"), us("2026-01-11T22:00:00Z"),
                                      us("2026-01-12T22:00:00Z")});
  EXPECT_THAT(found.edges, IsEmpty());
  EXPECT_THAT(found.runs,
              ElementsAre(BucketRun{60, us("2026-01-10T22:00:00Z"), us("2026-01-11T00:00:00Z")},
                          BucketRun{240, us("2026-01-11T00:00:00Z"), us("2026-01-11T20:00:00Z")},
                          BucketRun{60, us("2026-01-11T20:00:00Z"), us("2026-01-12T00:00:00Z")},
                          BucketRun{240, us("2026-01-12T00:00:00Z"), us("2026-01-12T20:00:00Z")},
                          BucketRun{60, us("2026-01-12T20:00:00Z"), us("2026-01-12T22:00:00Z")}));
}

TEST(Cover, ThreeQuartersOfAnHourNeedNoEntries) {
  const auto found = cover(std::array{us("2026-01-10T18:15:00Z"), us("2026-01-11T18:15:00Z")});
  EXPECT_THAT(found.edges, IsEmpty());
  EXPECT_EQ(found.runs.front().minutes, 15);
}

TEST(Cover, WhatIsShorterThanABucketIsReadFromTheEntries) {
  const auto found = cover(std::array{us("2026-01-10T00:00:01Z"), us("2026-01-10T00:40:00Z")});
  EXPECT_THAT(found.runs,
              ElementsAre(BucketRun{15, us("2026-01-10T00:15:00Z"), us("2026-01-10T00:30:00Z")}));
  EXPECT_THAT(found.edges,
              ElementsAre(Stretch{us("2026-01-10T00:00:01Z"), us("2026-01-10T00:15:00Z")},
                          Stretch{us("2026-01-10T00:30:00Z"), us("2026-01-10T00:40:00Z")}));
}

TEST(Cover, EveryMomentOnceAndNoBucketAcrossACut) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    const std::int64_t step =
        std::array<std::int64_t, 4>{1, kMinute_us, 15 * kMinute_us, 60 * kMinute_us}[round % 4];
    std::set<std::int64_t> chosen;
    while (chosen.size() < 2 + random() % 20)
      chosen.insert(static_cast<std::int64_t>(random() % (90 * kDay_us)) / step * step -
                    20 * kDay_us);
    const std::vector<std::int64_t> cuts(chosen.begin(), chosen.end());
    const auto found = cover(cuts);
    std::vector<Stretch> pieces = found.edges;
    for (const BucketRun& run : found.runs) {
      const std::int64_t unit = run.minutes * kMinute_us;
      ASSERT_EQ(floor_to(run.begins_us, unit), run.begins_us);
      ASSERT_EQ(floor_to(run.ends_us, unit), run.ends_us);
      for (const std::int64_t cut : cuts)
        if (cut > run.begins_us && cut < run.ends_us) ASSERT_EQ(floor_to(cut, unit), cut);
      pieces.push_back({run.begins_us, run.ends_us});
    }
    std::ranges::sort(pieces, {}, &Stretch::begins_us);
    std::int64_t at = cuts.front();
    for (const Stretch& piece : pieces) {
      ASSERT_EQ(piece.begins_us, at);
      ASSERT_LT(piece.begins_us, piece.ends_us);
      at = piece.ends_us;
    }
    ASSERT_EQ(at, cuts.back());
  }
}

TEST(Cover, TooManyEdgesAreOneStretch) {
  std::vector<std::int64_t> cuts;
  for (int i = 0; i < 200; ++i) cuts.push_back(i * 3600 * kSecond_us + kSecond_us);
  const auto found = cover(cuts);
  EXPECT_THAT(found.runs, IsEmpty());
  EXPECT_THAT(found.edges, ElementsAre(Stretch{cuts.front(), cuts.back()}));
}

// Amounts of every size, the smallest and the largest among them.
std::vector<std::int64_t> random_amounts(std::size_t count, std::mt19937_64& random) {
  std::vector<std::int64_t> amounts{1, kAmountMax_minor};
  while (amounts.size() < count)
    amounts.push_back(
        1 + static_cast<std::int64_t>((random() >> (11 + random() % 53)) % kAmountMax_minor));
  std::ranges::shuffle(amounts, random);
  return amounts;
}

TEST(AmountHistogram, PercentilesOccurredAndAreAtMostA64thBelow) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 50; ++round) {
    auto amounts = random_amounts(2 + random() % 500, random);
    AmountHistogram histogram;
    for (const std::int64_t amount : amounts) histogram.add(amount);
    std::ranges::sort(amounts);
    for (const int percent : {1, 50, 95, 100}) {
      const std::size_t rank = std::max<std::size_t>((amounts.size() * percent + 99) / 100, 1);
      const std::int64_t exact = amounts[rank - 1];
      const std::int64_t found = *histogram.percentile(percent);
      EXPECT_TRUE(std::ranges::binary_search(amounts, found)) << found;
      EXPECT_LE(found, exact);
      EXPECT_GE(found, exact - exact / 64) << "of " << amounts.size() << ", " << percent << " %";
      if (exact < 128) EXPECT_EQ(found, exact);
    }
  }
  EXPECT_EQ(AmountHistogram().percentile(50), std::nullopt);
}

TEST(AmountHistogram, PartsMakeTheWholeInWhateverOrder) {
  std::mt19937_64 random(13);
  const auto amounts = random_amounts(1'000, random);
  AmountHistogram whole, merged;
  std::array<AmountHistogram, 7> parts;
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    whole.add(amounts[i]);
    parts.at(i % parts.size()).add(amounts[i]);
  }
  for (std::size_t i = parts.size(); i > 0; --i) {
    if (i % 2 == 0) {
      merged.merge(parts.at(i - 1));
    } else {
      ASSERT_TRUE(merged.merge(bytes(parts.at(i - 1).encode())));
    }
  }
  EXPECT_EQ(merged.encode(), whole.encode());
  EXPECT_EQ(merged.count(), 1'000);
  AmountHistogram again;
  ASSERT_TRUE(again.merge(bytes(whole.encode())));
  EXPECT_EQ(again.encode(), whole.encode());
}

TEST(AmountHistogram, RefusesWhatItDidNotWrite) {
  for (const std::string& text : {std::string("\x01"), std::string("\x01\x01"), std::string("\xff"),
                                  std::string("\x01\x00\x00", 3),  // none of them
                                  std::string("\x01\x01\x05", 3),  // an amount of another bin
                                  std::string("\xff\xff\x7f\x01\x00", 5)}) {  // no such bin
    AmountHistogram histogram;
    EXPECT_FALSE(histogram.merge(bytes(text))) << testing::PrintToString(text);
  }
}

Uuid person(std::uint64_t number) {
  Uuid id;
  for (int i = 0; i < 8; ++i) id.bytes.at(15 - i) = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

TEST(UserCount, ExactForAThousand) {
  UserCount users;
  EXPECT_EQ(users.estimate(), 0);
  for (std::uint64_t i = 0; i < 20'000; ++i) users.add(person(i % kExactUsersMax));
  EXPECT_EQ(users.estimate(), static_cast<std::int64_t>(kExactUsersMax));
}

// Five standard errors: of hashes that are as good as random, one count in two million is off by so
// much. These are always the same.
TEST(UserCount, EstimatesManyWithinItsError) {
  UserCount users;
  std::uint64_t next = 0;
  for (const std::int64_t count : {2'000, 5'000, 10'000, 15'000, 30'000, 100'000, 1'000'000}) {
    while (next < static_cast<std::uint64_t>(count)) users.add(person(next++));
    const std::int64_t off = users.estimate() - count;
    EXPECT_LT(std::abs(off) * 1000, count * 5 * 16) << users.estimate() << " of " << count;
  }
}

TEST(UserCount, PartsMakeTheWholeInWhateverOrder) {
  for (const std::uint64_t count : {10U, 900U, 1'100U, 9'000U}) {
    UserCount whole, merged;
    std::array<UserCount, 5> parts;
    for (std::uint64_t i = 0; i < count; ++i) {
      whole.add(person(i));
      parts.at(i % parts.size()).add(person(i));
      parts.at((i + 1) % parts.size()).add(person(i));
    }
    for (std::size_t i = parts.size(); i > 0; --i) {
      if (i % 2 == 0) {
        merged.merge(parts.at(i - 1));
      } else {
        ASSERT_TRUE(merged.merge(bytes(parts.at(i - 1).encode())));
      }
    }
    EXPECT_EQ(merged.encode(), whole.encode()) << count;
    EXPECT_EQ(merged.estimate(), whole.estimate()) << count;
  }
}

TEST(UserCount, RefusesWhatItDidNotWrite) {
  for (const std::string& text : {std::string("\x01short"), std::string("\x02short"),
                                  std::string("\x03"), '\x02' + std::string(4'096, '\x7f')}) {
    UserCount users;
    EXPECT_FALSE(users.merge(bytes(text)));
  }
}

}  // namespace
}  // namespace instapay::reporting
